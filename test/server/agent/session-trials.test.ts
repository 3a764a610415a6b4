import { describe, expect, it } from 'vitest';
import { type SessionId, sessionIdSchema } from '../../../protocol/ids.ts';
import type { SessionSignal } from '../../../protocol/session-signal.ts';
import { SessionTrials, type TrialWorker } from '../../../server/agent/session-trials.ts';
import type { WorkerExit, WorkerListener } from '../../../server/agent/worker-process.ts';
import type { FromWorker } from '../../../server/worker/worker-messages.ts';
import { ManualTimers } from '../../support/manual-timers.ts';
import { startOrder } from '../../support/worker-orders.ts';

const SESSION = sessionIdSchema.parse('7f8de6a3-3c6d-4a52-9d3c-0d6f2f6f5a11');
const OTHER = sessionIdSchema.parse('7f8de6a3-3c6d-4a52-9d3c-0d6f2f6f5a22');
const HOLD_MS = 7_000;

const ORDER = startOrder({ sessionId: SESSION });

function signal(sessionId: SessionId): SessionSignal {
  const description = { type: 'answer', sdp: 'v=0' } as const;
  return { sessionId, attempt: 0, payload: { kind: 'description', description } };
}

class FakeWorker implements TrialWorker {
  alive = true;
  killed = false;
  readonly told: object[] = [];
  readonly exited: Promise<WorkerExit>;
  #listener: WorkerListener<FromWorker> | undefined;
  #resolve: (exit: WorkerExit) => void = () => {};

  constructor() {
    this.exited = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  send(message: object): void {
    this.told.push(message);
  }

  listen(listener: WorkerListener<FromWorker>): void {
    this.#listener = listener;
  }

  say(message: FromWorker): void {
    this.#listener?.handleMessage(message);
  }

  kill(): void {
    this.killed = true;
    this.exit();
  }

  exit(): void {
    this.alive = false;
    const exit = { code: null, signal: 'SIGKILL' } as const;
    this.#resolve(exit);
    this.#listener?.handleExit(exit);
  }
}

function open() {
  const timers = new ManualTimers();
  const worker = new FakeWorker();
  const events: string[] = [];
  const signals: SessionSignal[] = [];
  const trials = new SessionTrials<FakeWorker>({
    pool: {
      lend: () => worker,
      giveBack: () => events.push('given back'),
      handleKept: () => events.push('kept'),
    },
    after: (delayMs, task) => timers.after(delayMs, task),
    listener: {
      handleSignal: (told) => signals.push(told),
      handleOver: (_sessionId, crashed) => events.push(crashed ? 'crashed' : 'over'),
    },
  });
  trials.begin(ORDER, HOLD_MS);
  return { timers, worker, events, signals, trials };
}

describe('a trial', () => {
  it('has a worker offer the connection, and passes its signals on', () => {
    const { worker, signals, trials } = open();
    expect(worker.told).toEqual([{ ...ORDER, trial: true }]);
    const { attempt, payload } = signal(SESSION);
    worker.say({ type: 'signal', attempt, payload });
    expect(signals).toEqual([signal(SESSION)]);
    expect(trials.handleSignal(signal(SESSION))).toBe(true);
    expect(worker.told.at(-1)).toEqual({ type: 'signal', attempt, payload });
    expect(trials.handleSignal(signal(OTHER))).toBe(false);
  });

  it('hands its worker over to the session that is confirmed', () => {
    const { worker, trials, timers, events } = open();
    expect(trials.keep(SESSION)).toEqual(ORDER);
    timers.advance(HOLD_MS);
    expect(trials.has(SESSION)).toBe(true);
    expect(trials.take(SESSION)).toBe(worker);
    expect(trials.has(SESSION)).toBe(false);
    expect(events).toEqual(['kept']);
    expect(timers.pending).toBe(0);
  });

  it('gives its worker back as it came, and only then its room', async () => {
    const { worker, trials, events, timers } = open();
    const ended = trials.end(SESSION);
    expect(worker.told.at(-1)).toEqual({ type: 'release' });
    expect(events).toEqual([]);
    worker.say({ type: 'clean' });
    await Promise.all([ended, trials.end(SESSION)]);
    expect(events).toEqual(['given back', 'over']);
    expect(timers.pending).toBe(0);
  });

  it('is over by itself when nobody confirms it', async () => {
    const { worker, trials, events, timers } = open();
    timers.advance(HOLD_MS);
    worker.say({ type: 'clean' });
    await trials.end(SESSION);
    expect(events).toEqual(['given back', 'over']);
    expect(() => trials.keep(SESSION)).toThrow(/not kept any more/);
  });

  it('cannot be confirmed once it is ending', () => {
    const { trials } = open();
    trials.end(SESSION);
    expect(() => trials.keep(SESSION)).toThrow(/not kept any more/);
    expect(() => trials.take(SESSION)).toThrow(/not kept any more/);
  });

  it('kills a worker that does not let go', async () => {
    const { worker, trials, events, timers } = open();
    const ended = trials.end(SESSION);
    timers.advance(3_000);
    await ended;
    expect(worker.killed).toBe(true);
    expect(events).toEqual(['kept', 'over']);
  });

  it('is over when its worker crashes, and says so', () => {
    const { worker, trials, events, timers } = open();
    worker.exit();
    expect(events).toEqual(['kept', 'crashed']);
    expect(trials.has(SESSION)).toBe(false);
    expect(timers.pending).toBe(0);
  });

  it('leaves no worker when the container closes, even while it ends', async () => {
    const { worker, trials, events, timers } = open();
    const ended = trials.end(SESSION);
    await Promise.all([trials.close(), ended]);
    expect(worker.killed).toBe(true);
    expect(events).toEqual(['over']);
    expect(timers.pending).toBe(0);
  });
});
