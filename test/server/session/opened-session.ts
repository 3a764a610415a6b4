import type { EndReason, SessionState } from '../../../protocol/session-state.ts';
import type { CatalogueEntry } from '../../../renderer/game-catalogue.ts';
import { VirtualTime } from '../../../renderer/virtual-time.ts';
import { GameSession } from '../../../server/session/game-session.ts';
import type { NetworkRate, StartOrder } from '../../../server/worker/worker-messages.ts';
import { FakeRuntime, fakeEntry } from '../../support/fake-runtime.ts';
import { FakeSharedStream } from '../../support/fake-stream-connection.ts';
import { startOrder } from '../../support/worker-orders.ts';

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
  const session = new GameSession(
    startOrder({ gameId: 'fake', ...orderFields }),
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
