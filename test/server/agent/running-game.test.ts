import { describe, expect, it } from 'vitest';
import { playerIdSchema } from '../../../protocol/ids.ts';
import { type GameWorker, RunningGame, untilSaved } from '../../../server/agent/running-game.ts';
import type { SessionWorker } from '../../../server/agent/worker-pool.ts';
import type { FromWorker } from '../../../server/worker/worker-messages.ts';
import { startOrder } from '../../support/worker-orders.ts';

type Listener = Parameters<SessionWorker['listen']>[0];

const PLAYER = playerIdSchema.parse('a3a1c1a4-2a6e-4d05-8a1c-2b5a7e0f9d11');
const OTHER = playerIdSchema.parse('a3a1c1a4-2a6e-4d05-8a1c-2b5a7e0f9d22');

const ORDER = startOrder();

function open() {
  const events: string[] = [];
  let worker: Listener | undefined;
  const fake: GameWorker = {
    pid: 1,
    send: (message) => events.push(`told ${(message as { type: string }).type}`),
    listen: (listener) => {
      worker = listener;
    },
    stop: async () => undefined,
    kill: () => events.push('killed'),
  };
  const game = new RunningGame(ORDER, PLAYER, fake, {
    handleWorkerDied: () => events.push('worker died'),
    handleSignal: () => undefined,
    handleState: () => undefined,
    handleSave: (_player, _game, save) => events.push(`saved ${save}`),
    handleRate: () => undefined,
    handleEncodings: () => undefined,
    handleGuestSignal: () => undefined,
    handleGuestEnded: () => undefined,
    handleEnded: (_session, reason) => events.push(`ended: ${reason}`),
  });
  events.length = 0;
  return {
    game,
    events,
    say: (message: FromWorker) => worker?.handleMessage(message),
    exit: (code: number | null) =>
      worker?.handleExit({ code, signal: code === null ? 'SIGKILL' : null }),
  };
}

/** Whether a promise is settled once everything that waits has had its turn. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(() => {
    settled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

describe('RunningGame', () => {
  it('ends for the reason that its worker gave, when that is gone', () => {
    const { events, say, exit } = open();
    say({ type: 'ended', reason: 'game-over' });
    expect(events).toEqual([]);
    exit(0);
    expect(events).toEqual(['ended: game-over']);
  });

  it('ends for the reason it was asked to end for, also where its worker did not answer', () => {
    const { game, events, exit } = open();
    void game.end('missing-package', 'Install it.');
    exit(null);
    expect(events).toEqual(['told end', 'worker died', 'ended: missing-package']);
  });

  it('tells of a worker that died, whatever the reason of the end', () => {
    const crashed = open();
    crashed.exit(null);
    expect(crashed.events).toEqual(['worker died', 'ended: worker-crashed']);

    const late = open();
    late.say({ type: 'ended', reason: 'player-left' });
    late.exit(null);
    expect(late.events).toEqual(['worker died', 'ended: player-left']);
  });

  it('is ending as soon as either side says so', () => {
    const asked = open();
    expect(asked.game.isEnding).toBe(false);
    void asked.game.end('player-left');
    expect(asked.game.isEnding).toBe(true);
    expect(asked.events).toEqual(['told end']);

    const over = open();
    over.say({ type: 'ending' });
    expect(over.game.isEnding).toBe(true);
    expect(over.events).toEqual([]);
  });
});

describe('untilSaved', () => {
  it('waits for the last save of the same game and player', async () => {
    const { game, events, say, exit } = open();
    say({ type: 'ending' });
    const saved = untilSaved([game], PLAYER, 'pond');
    expect(await isSettled(saved)).toBe(false);
    say({ type: 'save', save: Uint8Array.of(7) });
    exit(0);
    await saved;
    expect(events).toContain('saved 7');
  });

  it('waits for nothing else: another player, another game, one that goes on', async () => {
    const { game, say } = open();
    expect(await isSettled(untilSaved([game], PLAYER, 'pond'))).toBe(true);
    say({ type: 'ending' });
    expect(await isSettled(untilSaved([game], OTHER, 'pond'))).toBe(true);
    expect(await isSettled(untilSaved([game], PLAYER, 'lake'))).toBe(true);
  });
});
