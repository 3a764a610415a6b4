import { sessionIdSchema } from '../../../protocol/ids.ts';
import type { EndReason, SessionState } from '../../../protocol/session-state.ts';
import { DEFAULT_STREAM_SETTINGS } from '../../../protocol/stream-settings.ts';
import type { CatalogueEntry } from '../../../renderer/game-catalogue.ts';
import { VirtualTime } from '../../../renderer/virtual-time.ts';
import { GameSession } from '../../../server/session/game-session.ts';
import type {
  ConnectOrder,
  NetworkRate,
  StartOrder,
} from '../../../server/worker/worker-messages.ts';
import { FakeRuntime, fakeEntry } from '../../support/fake-runtime.ts';
import { FakeSharedStream } from '../../support/fake-stream-connection.ts';

/** What a session is told of its player's next connection. */
export function connectOrder(attempt: number): ConnectOrder {
  return {
    type: 'connect',
    attempt,
    settings: DEFAULT_STREAM_SETTINGS,
    codecs: ['h264'],
    iceServers: [],
    relayOnly: false,
  };
}

/** A session of a game that does as it is told, with what it has said so far. */
export function open(
  entryFields: Partial<CatalogueEntry> = {},
  orderFields: Partial<StartOrder> = {},
) {
  const time = new VirtualTime();
  const runtime = new FakeRuntime();
  let shared: FakeSharedStream | undefined;
  const states: SessionState[] = [];
  const saves: Uint8Array[] = [];
  const saveErrors: unknown[] = [];
  const rates: NetworkRate[] = [];
  const ends: { reason: EndReason; detail: string | undefined }[] = [];
  const signals: number[] = [];
  /** What was last said to the browser when the end was told. */
  const endings: (string | undefined)[] = [];
  const order: StartOrder = {
    type: 'start',
    sessionId: sessionIdSchema.parse('7f8de6a3-3c6d-4a52-9d3c-0d6f2f6f5a11'),
    gameId: 'fake',
    seed: 7,
    encoders: [],
    autoResolution: { width: 960, height: 540 },
    loopbackOnly: true,
    extraAddresses: [],
    knownRates: [],
    playoutDelayMs: [0, 0],
    prepared: true,
    maxSpectators: 2,
    connect: connectOrder(0),
    ...orderFields,
  };
  const session = new GameSession(
    order,
    { ...fakeEntry(runtime), ...entryFields },
    {
      clock: time,
      scheduler: time,
      listener: {
        handleSignal: (attempt) => signals.push(attempt),
        handleState: (state) => states.push(state),
        handleGuestSignal: () => undefined,
        handleGuestGone: () => undefined,
        handleEncodings: () => undefined,
        handleSave: (save) => saves.push(save),
        handleRate: (rate) => rates.push(rate),
        handleTrouble: (error) => saveErrors.push(error),
        handleSaveFailed: (error) => saveErrors.push(error),
        handleEnding: () => endings.push(shared?.connections.at(-1)?.sent.at(-1)?.type),
        handleEnded: (reason, detail) => ends.push({ reason, detail }),
      },
      createStream: (shape, _receivable, listener) => {
        shared = new FakeSharedStream(shape, listener);
        return shared;
      },
    },
  );
  const sharedStream = () => {
    if (!shared) throw new Error('no stream was made');
    return shared;
  };
  const current = () => {
    const connection = sharedStream().connections.at(-1);
    if (!connection) throw new Error('no connection was made');
    return connection;
  };
  const stream = async () => {
    await session.start();
    current().listener.handleState('connected');
  };
  return {
    time,
    runtime,
    sharedStream,
    states,
    saves,
    saveErrors,
    rates,
    ends,
    endings,
    signals,
    session,
    current,
    stream,
  };
}
