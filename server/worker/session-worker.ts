import { pino } from 'pino';
import { gameInfoOf } from '../../protocol/build-manifest.ts';
import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import { shortenDetail } from '../../protocol/session-state.ts';
import type { VideoCodec } from '../../protocol/stream-settings.ts';
import { systemClock, systemScheduler } from '../../renderer/clock.ts';
import { BUILT_IN_GAMES, buildEntry, type CatalogueEntry } from '../../renderer/game-catalogue.ts';
import { PictureDelay } from '../../renderer/picture-delay.ts';
import { rehearseGame } from '../../renderer/rehearsal.ts';
import { openGpu } from '../../renderer/webgpu/gpu-device.ts';
import { encoderFactories } from '../encode/encoder-ladder.ts';
import { DelayedStream } from '../session/delayed-stream.ts';
import { EventLoopDelay } from '../session/event-loop-delay.ts';
import { GamePicture } from '../session/game-picture.ts';
import { GameSession } from '../session/game-session.ts';
import type {
  SharedStream,
  SharedStreamListener,
  StreamShape,
} from '../session/stream-connection.ts';
import { TriedStream } from '../session/tried-stream.ts';
import { WebrtcStream } from '../session/webrtc-stream.ts';
import { GoogleCongestionControl } from '../transport/congestion/google-congestion-control.ts';
import { rehearseConnection } from '../transport/connection-rehearsal.ts';
import { WeriftPeer } from '../transport/werift-peer.ts';
import { listenToParent, tellParent } from './worker-channel.ts';
import { type StartOrder, type ToWorker, toWorkerSchema } from './worker-messages.ts';

/**
 * One process, one session. It is forked before anybody plays, so that libraries, GPU and
 * certificate are ready by then, and exits when its session ends.
 */
const log = pino({ base: { worker: process.pid } }, pino.destination(2));
const eventLoopDelay = new EventLoopDelay();
let session: GameSession | undefined;
/** The stream of a session that may come. */
let tried: TriedStream | undefined;

function exit(): void {
  // Messages to the parent are written asynchronously: leaving at once would lose the last.
  if (process.connected) process.disconnect();
  else process.exit(0);
}

function entryOf({ gameId, build }: StartOrder): CatalogueEntry {
  if (build) {
    const { folder, manifest, allowed } = build;
    return buildEntry({ folder, manifest, info: gameInfoOf(manifest) }, allowed);
  }
  const entry = BUILT_IN_GAMES.get(gameId);
  if (!entry) throw new RockpoolError('unknown-game', `There is no game "${gameId}" here.`);
  return entry;
}

function createStream(
  order: StartOrder,
  shape: StreamShape,
  receivable: readonly VideoCodec[],
  listener: SharedStreamListener,
): SharedStream {
  const stream = new WebrtcStream(
    {
      clock: systemClock,
      scheduler: systemScheduler,
      encoders: order.encoders,
      knownRates: order.knownRates,
      playoutDelayMs: order.playoutDelayMs,
      eventLoopDelay,
      createEncoders: encoderFactories,
      createPeer: ({ iceServers, relayOnly }, codecs, peerListener) =>
        new WeriftPeer(
          {
            codecs,
            iceServers,
            relayOnly,
            loopbackOnly: order.loopbackOnly,
            extraAddresses: order.extraAddresses,
            portRange: order.portRange,
          },
          peerListener,
          systemClock,
          systemScheduler,
        ),
      createCongestion: (startBitrateBps, ceilingBps) =>
        new GoogleCongestionControl({ startBitrateBps, ceilingBps }),
    },
    shape,
    receivable,
    listener,
  );
  const { encodeMs = 0 } = order.delays ?? {};
  return encodeMs > 0
    ? new DelayedStream(stream, new PictureDelay(encodeMs, systemScheduler))
    : stream;
}

/** The built-in games that this machine offers: another is never played here. */
const offered = [...BUILT_IN_GAMES.values()].filter(({ info }) =>
  process.argv.includes(info.id, 2),
);
const unrehearsed = [...offered];

/** Opening a software GPU takes a second of CPU, for nothing where only builds are played. */
async function openGpuIfNeeded(): Promise<void> {
  if (!offered.some(({ needsGpu }) => needsGpu)) return;
  await openGpu().catch((error: unknown) => log.debug({ err: error }, 'no GPU in this worker'));
}

/** Lets each game draw once, until somebody plays: from then on every millisecond is theirs. */
async function rehearse(): Promise<void> {
  while (!session && !tried) {
    const entry = unrehearsed.shift();
    if (!entry) return;
    // A game that cannot be rehearsed says why when it is played.
    await rehearseGame(entry).catch((error: unknown) => log.debug({ err: error }, 'not rehearsed'));
  }
}

/** Offers the connection that the session of this order will have, if it comes. */
function offer(order: StartOrder): void {
  const { connect, autoResolution } = order;
  const { display } = entryOf(order);
  const { shape } = new GamePicture({ autoResolution, display, settings: connect.settings });
  tried = new TriedStream(
    (listener) => createStream(order, shape, connect.codecs, listener),
    connect,
    (payload) => tellParent({ type: 'signal', attempt: connect.attempt, payload }),
  );
}

async function release(): Promise<void> {
  const stream = tried;
  tried = undefined;
  await stream?.close();
  tellParent({ type: 'clean' });
  await rehearse();
}

function start(order: StartOrder): void {
  session = new GameSession(order, entryOf(order), {
    clock: systemClock,
    scheduler: systemScheduler,
    listener: {
      handleSignal: (attempt, payload) => tellParent({ type: 'signal', attempt, payload }),
      handleState: (state) => tellParent({ type: 'state', state }),
      handleGuestSignal: (guestId, attempt, payload) =>
        tellParent({ type: 'guest-signal', guestId, attempt, payload }),
      handleEncodings: (count) => tellParent({ type: 'encodings', count }),
      handleGuestGone: (guestId, reason) => tellParent({ type: 'guest-gone', guestId, reason }),
      handleSave: (save) => tellParent({ type: 'save', save }),
      handleRate: (rate) => tellParent({ type: 'rate', rate }),
      handleTrouble: (error) => {
        log.warn({ err: error, sessionId: order.sessionId }, 'something of the game does not work');
      },
      handleSaveFailed: (error) => {
        log.error({ err: error, sessionId: order.sessionId }, 'the game could not be saved');
      },
      handleEnding: () => tellParent({ type: 'ending' }),
      handleEnded: (reason, detail) => {
        tellParent({ type: 'ended', reason, ...(detail ? { detail } : {}) });
        exit();
      },
    },
    createStream: (shape, receivable, streamListener) => {
      const stream = tried?.take(streamListener);
      tried = undefined;
      return stream ?? createStream(order, shape, receivable, streamListener);
    },
  });
  session.start();
}

type GuestOrder = Extract<ToWorker, { type: 'guest-request' }>;

function answerGuestRequest({ requestId, request, mayEncodeAnother }: GuestOrder): void {
  try {
    if (!session) throw new RockpoolError('unknown-session', 'That session is over.');
    const value = session.handleGuestRequest(request, mayEncodeAnother);
    tellParent({ type: 'guest-answer', requestId, reply: { ok: true, value } });
  } catch (thrown) {
    const error = toRockpoolError(thrown).toWire();
    tellParent({ type: 'guest-answer', requestId, reply: { ok: false, error } });
  }
}

listenToParent(toWorkerSchema, (message) => {
  switch (message.type) {
    case 'start':
      try {
        if (message.trial) offer(message);
        else start(message);
      } catch (error) {
        tellParent({
          type: 'ended',
          reason: 'game-failed',
          detail: shortenDetail(toRockpoolError(error).message),
        });
        exit();
      }
      break;
    case 'connect':
      session?.connect(message);
      break;
    case 'signal':
      if (session) session.handleSignal(message.attempt, message.payload);
      else tried?.handleSignal(message.payload);
      break;
    case 'release':
      release();
      break;
    case 'progress':
      session?.handleProgress(message.progress);
      break;
    case 'prepared':
      session?.handlePrepared();
      break;
    case 'guest-request':
      answerGuestRequest(message);
      break;
    case 'guest-signal':
      session?.handleGuestSignal(message.guestId, message.attempt, message.payload);
      break;
    case 'end':
      if (session) session.end(message.reason, message.detail);
      else exit();
      break;
  }
});

process.on('uncaughtException', (error) => {
  log.fatal({ err: error }, 'the worker failed');
  process.exit(1);
});

await Promise.all([
  rehearseConnection(systemClock, systemScheduler),
  // A machine without a GPU still plays what needs none; a game that needs one says so at start.
  openGpuIfNeeded(),
]);
tellParent({ type: 'ready' });

await rehearse();
