import { pino } from 'pino';
import { gameInfoOf } from '../../protocol/build-manifest.ts';
import { toRockpoolError } from '../../protocol/errors.ts';
import { CLIP_MS, type TryOutFindings } from '../../protocol/try-out-report.ts';
import { systemTime } from '../../renderer/built-in-runtime.ts';
import { systemClock, systemScheduler } from '../../renderer/clock.ts';
import { DesktopRuntime } from '../../renderer/desktop/desktop-runtime.ts';
import { encoderFactories } from '../encode/encoder-ladder.ts';
import { findFfmpeg, makeClip } from '../try-out/clip-file.ts';
import type { KeptVideo } from '../try-out/kept-video.ts';
import { MediaFolder } from '../try-out/media-folder.ts';
import { writePicture, writeScreenshots } from '../try-out/screenshot-files.ts';
import { TryOutRun } from '../try-out/try-out-run.ts';
import { type TryOutOrder, toTryOutSchema } from './try-out-orders.ts';
import { listenToParent, tellParent } from './worker-channel.ts';

/** One process, one try-out: it runs a build as a session's process does, says what it found, and exits. */
const log = pino({ base: { tryOut: process.pid } }, pino.destination(2));
const ending = new AbortController();

/** Less is no moving picture. */
const LEAST_CLIP_MS = 1_000;
const LEAST_CLIP_PICTURES = 5;

type Clip = Pick<TryOutFindings, 'clip' | 'poster'> & { readonly note?: string };

const NO_CLIP: Clip = { clip: null, poster: null };

async function tryOut({ build, encoders, mediaFolder }: TryOutOrder): Promise<void> {
  const { folder, manifest, allowed } = build;
  const info = gameInfoOf(manifest);
  const run = new TryOutRun(manifest, {
    clock: systemClock,
    scheduler: systemScheduler,
    encoders,
    createEncoders: encoderFactories,
    createRuntime: (handleProgram) =>
      new DesktopRuntime({
        ...allowed,
        build: { folder, manifest, info },
        network: manifest.network && allowed.network,
        time: systemTime,
        handleProgram,
      }),
    handleShown: () => tellParent({ type: 'step', text: 'The game runs, and is measured.' }),
  });
  const { resolution, frameRate } = manifest;
  tellParent({ type: 'step', text: 'The game is starting.' });
  const { findings, pictures, video } = await run.run(
    { game: info, resolution, frameRate, seed: 1 },
    ending.signal,
  );
  tellParent({ type: 'step', text: 'Pictures and a clip are being made.' });
  const media = new MediaFolder(mediaFolder);
  const screenshots = await writeScreenshots(pictures, media, ending.signal);
  const { note, ...clip } = await clipOf(video, media);
  const notes = note === undefined ? findings.notes : [...findings.notes, note];
  tellParent({ type: 'tried', findings: { ...findings, notes, screenshots, ...clip } });
}

/** A build that plays is no worse for a clip that could not be made. */
async function clipOf(video: KeptVideo, media: MediaFolder): Promise<Clip> {
  const source = video.toIvf();
  const { durationMs, pictures } = video;
  if (!source || durationMs < LEAST_CLIP_MS || pictures < LEAST_CLIP_PICTURES) return NO_CLIP;
  const program = await findFfmpeg();
  if (program === undefined) {
    const note =
      'There is no clip: the machine has no ffmpeg. Its operator can run "apt-get install ffmpeg", or name one in FFMPEG_BIN.';
    return { ...NO_CLIP, note };
  }
  try {
    const { clip, poster } = await makeClip(program, source, durationMs, media.path, ending.signal);
    const atMs = Math.round(Math.max(0, durationMs - CLIP_MS));
    return { clip: await media.keep(clip), poster: await writePicture(poster, atMs, media) };
  } catch (error) {
    ending.signal.throwIfAborted();
    log.warn({ err: error }, 'a clip could not be made');
    const note = `There is no clip: ${toRockpoolError(error).message}`;
    return { ...NO_CLIP, note: note.slice(0, 500) };
  }
}

function exit(): void {
  // Messages to the parent are written asynchronously: leaving at once would lose the last.
  if (process.connected) process.disconnect();
  else process.exit(0);
}

async function begin(order: TryOutOrder): Promise<void> {
  try {
    await tryOut(order);
  } catch (error) {
    const { message } = toRockpoolError(error);
    tellParent({ type: 'not-tried', why: message.slice(0, 2000) || 'It could not be run.' });
  }
  exit();
}

listenToParent(toTryOutSchema, (message) => {
  switch (message.type) {
    case 'try-out':
      void begin(message);
      break;
    case 'end':
      ending.abort();
      break;
  }
});

process.on('uncaughtException', (error) => {
  log.fatal({ err: error }, 'the try-out failed');
  process.exit(1);
});
