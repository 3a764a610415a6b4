import { pino } from 'pino';
import { gameInfoOf } from '../../protocol/build-manifest.ts';
import { toRockpoolError } from '../../protocol/errors.ts';
import { CLIP_MS, type TryOutFindings } from '../../protocol/try-out-report.ts';
import { systemTime } from '../../renderer/built-in-runtime.ts';
import { systemClock, systemScheduler } from '../../renderer/clock.ts';
import { DesktopRuntime } from '../../renderer/desktop/desktop-runtime.ts';
import { encoderFactories } from '../encode/encoder-ladder.ts';
import { ClipMaker, findFfmpeg } from '../try-out/clip-file.ts';
import { runMsOf } from '../try-out/input-script.ts';
import { MediaFolder } from '../try-out/media-folder.ts';
import { writePicture, writeScreenshots } from '../try-out/screenshot-files.ts';
import { TryOutRun } from '../try-out/try-out-run.ts';
import { type TryOutOrder, toTryOutSchema } from './try-out-orders.ts';
import { listenToParent, tellParent } from './worker-channel.ts';

/** One process, one try-out: it runs a build as a session's process does, says what it found, and exits. */
const log = pino({ base: { tryOut: process.pid } }, pino.destination(2));
const ending = new AbortController();
const { signal } = ending;

type Clip = Pick<TryOutFindings, 'clip' | 'poster'> & { readonly note?: string };

const NO_CLIP: Clip = { clip: null, poster: null };

async function tryOut({ build, encoders, mediaFolder }: TryOutOrder): Promise<void> {
  const { folder, manifest, allowed } = build;
  const info = gameInfoOf(manifest);
  const media = new MediaFolder(mediaFolder);
  const program = await findFfmpeg();
  const skippedMs = runMsOf(manifest) - CLIP_MS;
  const clip = new ClipMaker({ program, skippedMs, folder: media.path, signal });
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
    handleVideo: (video) => clip.handleVideo(video),
    handleShown: () => tellParent({ type: 'step', text: 'The game runs, and is measured.' }),
  });
  const { resolution, frameRate } = manifest;
  tellParent({ type: 'step', text: 'The game is starting.' });
  const { findings, pictures } = await run.run(
    { game: info, resolution, frameRate, seed: 1 },
    signal,
  );
  tellParent({ type: 'step', text: 'Pictures and a clip are being made.' });
  const [screenshots, { note, ...moving }] = await Promise.all([
    writeScreenshots(pictures, media, signal),
    keepClip(clip, skippedMs, media),
  ]);
  const notes = note === undefined ? findings.notes : [...findings.notes, note];
  tellParent({ type: 'tried', findings: { ...findings, notes, screenshots, ...moving } });
}

/** A build that plays is no worse for a clip that could not be made. */
async function keepClip(maker: ClipMaker, skippedMs: number, media: MediaFolder): Promise<Clip> {
  try {
    const made = await maker.finish();
    if (!made) return NO_CLIP;
    const poster = await writePicture(made.poster, skippedMs, media);
    return { clip: await media.keep(made.clip), poster };
  } catch (error) {
    signal.throwIfAborted();
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
    // No ffmpeg waits for what does not come any more.
    ending.abort();
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
