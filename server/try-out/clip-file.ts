import { constants } from 'node:fs';
import { access, readFile, rm } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Readable } from 'node:stream';
import ffmpeg, { type FfmpegCommand } from 'fluent-ffmpeg';
import { RockpoolError } from '../../protocol/errors.ts';
import { CLIP_MS } from '../../protocol/try-out-report.ts';
import { IvfStream, type Pictured } from './ivf-stream.ts';

/** Wide enough for a page; 15 s of it are a few megabytes. */
const CLIP_WIDTH = 960;
const CLIP_FRAME_RATE = 30;
/** Visibly good for games' pictures at this width. */
const CLIP_QUALITY = 27;
/** So that 15 s never are more than 5 MB. */
const CLIP_MOST_KBPS = 2500;

/** A frame from well inside: the first may still be a transition. */
const POSTER_AT_S = 1;

const NO_FFMPEG =
  'the machine has no ffmpeg. Its operator can run "apt-get install ffmpeg", or name one in FFMPEG_BIN.';

/** Less is no moving picture. */
const LEAST_CLIP_MS = 1_000;
const LEAST_CLIP_PICTURES = 5;

/** The game that is looked at runs meanwhile, and others play on this machine: they come first. */
const NICENESS = 19;
/** It ends a moment after the game; a machine on which it needs longer is overloaded. */
const LIMIT_S = 150;

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

export interface ClipMakerOptions {
  /** The ffmpeg of this machine; undefined where it has none. */
  readonly program: string | undefined;
  /** Left out at the beginning. */
  readonly skippedMs: number;
  /** For files that are gone when all is over. */
  readonly folder: string;
  /** Aborted: ffmpeg is ended. */
  readonly signal: AbortSignal;
}

/**
 * Makes of a video, while it comes, a small MP4 that a browser plays while it loads, and the picture
 * that stands for it: when the last picture has come, little is left to be done.
 */
export class ClipMaker {
  readonly #options: ClipMakerOptions;
  readonly #video = new IvfStream();
  readonly #clip: string;
  readonly #poster: string;
  #made: Promise<void> | undefined;

  constructor(options: ClipMakerOptions) {
    this.#options = options;
    this.#clip = join(options.folder, 'clip.mp4');
    this.#poster = join(options.folder, 'poster.png');
  }

  handleVideo(video: Pictured): void {
    this.#video.handleVideo(video);
    if (this.#made) return;
    this.#made = this.#begin();
    // Told of by `finish`.
    this.#made.catch(() => undefined);
  }

  /**
   * When there is no more. Undefined where there is too little for a moving picture.
   * @throws Error what ffmpeg said, or that there is none; the signal's reason.
   */
  async finish(): Promise<ClipFiles | undefined> {
    const { program, skippedMs, signal } = this.#options;
    this.#video.end();
    try {
      const clipMs = Math.min(CLIP_MS, this.#video.durationMs - skippedMs);
      const isTooLittle = clipMs < LEAST_CLIP_MS || this.#video.pictures < LEAST_CLIP_PICTURES;
      if (isTooLittle) {
        // Of next to nothing ffmpeg makes a file without a picture, or says that it cannot.
        await this.#made?.catch(() => signal.throwIfAborted());
        return undefined;
      }
      await this.#made;
      const atS = Math.min(POSTER_AT_S, clipMs / 2000);
      await run(command(program, this.#clip).seek(atS).frames(1).output(this.#poster), signal);
      return { clip: await readFile(this.#clip), poster: await readFile(this.#poster) };
    } finally {
      for (const file of [this.#clip, this.#poster]) await rm(file, { force: true });
    }
  }

  async #begin(): Promise<void> {
    const { program, skippedMs, signal } = this.#options;
    await run(
      command(program, this.#video.readable)
        .inputFormat('ivf')
        // On the output: of an endless group of pictures only the first can be begun with.
        .seek(skippedMs / 1000)
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
        .output(this.#clip),
      signal,
    );
  }
}

/** @throws RockpoolError `missing-package` where there is no program. */
function command(program: string | undefined, source: string | Readable): FfmpegCommand {
  if (program === undefined) throw new RockpoolError('missing-package', NO_FFMPEG);
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
