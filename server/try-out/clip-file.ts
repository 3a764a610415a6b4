import { constants } from 'node:fs';
import { access, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import ffmpeg, { type FfmpegCommand } from 'fluent-ffmpeg';
import { CLIP_MS } from '../../protocol/try-out-report.ts';

/** Wide enough for a page; 15 s of it are a few megabytes. */
const CLIP_WIDTH = 960;
const CLIP_FRAME_RATE = 30;
/** Visibly good for games' pictures at this width. */
const CLIP_QUALITY = 27;
/** So that 15 s never are more than 5 MB. */
const CLIP_MOST_KBPS = 2500;

/** A frame from well inside: the first may still be a transition. */
const POSTER_AT_S = 1;

/** Others play on this machine: they come first. */
const NICENESS = 10;
/** 15 s of video take a few; a machine that needs longer is overloaded. */
const LIMIT_S = 120;

export interface ClipFiles {
  /** MP4. */
  readonly clip: Uint8Array;
  /** PNG. */
  readonly poster: Uint8Array;
}

/**
 * The ffmpeg of this machine: FFMPEG_BIN, else the one that ffmpeg-static fetched, if it did, else the
 * one on the PATH; undefined where there is none.
 */
export async function findFfmpeg(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string | undefined> {
  const { FFMPEG_BIN: named, PATH: path = '' } = environment;
  if (named !== undefined && named !== '') return (await mayRun(named)) ? named : undefined;
  const fetched = await staticFfmpeg();
  const folders = path.split(delimiter).filter(isAbsolute);
  const places = [
    ...(fetched ? [fetched] : []),
    ...folders.map((folder) => join(folder, 'ffmpeg')),
  ];
  for (const place of places) if (await mayRun(place)) return place;
  return undefined;
}

/** An optional dependency, which names a file that only its install script would have fetched. */
async function staticFfmpeg(): Promise<string | undefined> {
  try {
    // Its types speak of a module, and what it exports is the path itself.
    const { default: path }: { default: unknown } = await import('ffmpeg-static');
    return typeof path === 'string' ? path : undefined;
  } catch {
    // Not installed: then it names nothing.
    return undefined;
  }
}

/**
 * A small MP4 of the end of a video, which a browser plays while it loads, and the picture that stands
 * for it.
 * @param video in any container that ffmpeg reads.
 * @param durationMs of it.
 * @param folder for files that are gone when this settles.
 * @param signal aborted: ffmpeg is ended.
 * @throws Error what ffmpeg said; the signal's reason.
 */
export async function makeClip(
  program: string,
  video: Uint8Array,
  durationMs: number,
  folder: string,
  signal: AbortSignal,
): Promise<ClipFiles> {
  const source = join(folder, 'run.ivf');
  const clip = join(folder, 'clip.mp4');
  const poster = join(folder, 'poster.png');
  const skippedS = Math.max(0, durationMs - CLIP_MS) / 1000;
  try {
    await writeFile(source, video);
    await run(
      command(program, source)
        // On the output: of an endless group of pictures only the first can be begun with.
        .seek(skippedS)
        .duration(CLIP_MS / 1000)
        .noAudio()
        .videoCodec('libx264')
        .videoFilters([
          `fps=${CLIP_FRAME_RATE}`,
          `scale=w='min(${CLIP_WIDTH},iw)':h=-2:in_color_matrix=bt709:out_color_matrix=bt709`,
          'format=yuv420p',
        ])
        .outputOptions([
          '-preset veryfast',
          `-crf ${CLIP_QUALITY}`,
          `-maxrate ${CLIP_MOST_KBPS}k`,
          `-bufsize ${2 * CLIP_MOST_KBPS}k`,
          '-map_metadata -1',
          '-movflags +faststart',
        ])
        .output(clip),
      signal,
    );
    const atS = Math.min(POSTER_AT_S, (durationMs - skippedS * 1000) / 2000);
    await run(command(program, clip).seek(atS).frames(1).output(poster), signal);
    return { clip: await readFile(clip), poster: await readFile(poster) };
  } finally {
    for (const file of [source, clip, poster]) await rm(file, { force: true });
  }
}

function command(program: string, source: string): FfmpegCommand {
  return ffmpeg({ source, timeout: LIMIT_S, niceness: NICENESS }).setFfmpegPath(program);
}

async function run(asked: FfmpegCommand, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const end = () => asked.kill('SIGKILL');
  signal.addEventListener('abort', end, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      asked
        .once('end', () => resolve())
        .once('error', (error: Error) => reject(signal.aborted ? signal.reason : error))
        // Before it has a process there is nothing to be ended.
        .once('start', () => signal.aborted && end())
        .run();
    });
  } finally {
    signal.removeEventListener('abort', end);
  }
}

function mayRun(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
