import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RockpoolError } from '../../protocol/errors.ts';
import {
  HistoryRetention,
  SWEEP_BATCH,
  SWEEP_INTERVAL_MS,
} from '../../signaling/history-retention.ts';
import { MemoryStore } from '../../signaling/store/memory-store.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import { newPlayerId, START_MS, sessionStart } from '../support/store-records.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('what is remembered of sessions', () => {
  const playerId = newPlayerId();
  let store: MemoryStore;
  let timers: ManualTimers;
  let nowMs: number;
  let retention: HistoryRetention;
  beforeEach(() => {
    store = new MemoryStore();
    timers = new ManualTimers();
    nowMs = START_MS;
    retention = new HistoryRetention({
      store,
      days: 90,
      timers,
      wallClockMs: () => nowMs,
      log: pino({ level: 'silent' }),
    });
  });
  afterEach(() => retention.close());

  const left = async () => (await store.sessionsOfPlayer(playerId, { limit: 9_999 })).length;
  const begin = (startedAtMs: number) =>
    store.beginSession(sessionStart({ playerId, startedAtMs }));
  /** What a timer had done has been done. */
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  async function advance(ms: number): Promise<void> {
    timers.advance(ms);
    await settled();
  }

  it('is forgotten when it is too old, and not before', async () => {
    await begin(START_MS - 90 * DAY_MS - 1);
    await begin(START_MS - 90 * DAY_MS);
    await advance(1_000);
    expect(await left()).toBe(1);
    nowMs += 1;
    await advance(SWEEP_INTERVAL_MS);
    expect(await left()).toBe(0);
  });

  it('goes a batch at a time, with a pause after each', async () => {
    for (let ms = 0; ms < 2 * SWEEP_BATCH + 1; ms++) await begin(ms);
    const seen: number[] = [];
    for (let batch = 0; batch < 3; batch++) {
      await advance(1_000);
      seen.push(await left());
    }
    expect(seen).toEqual([SWEEP_BATCH + 1, 1, 0]);
  });

  it('stays while the database is away, and goes when it is back', async () => {
    await begin(0);
    store.failure = new RockpoolError('internal', 'The database is away.');
    await advance(1_000);
    store.failure = undefined;
    expect(await left()).toBe(1);
    await advance(SWEEP_INTERVAL_MS);
    expect(await left()).toBe(0);
  });

  it('is left alone once the node is closed', async () => {
    await begin(0);
    retention.close();
    await advance(SWEEP_INTERVAL_MS);
    expect(await left()).toBe(1);
    expect(timers.pending).toBe(0);
  });
});
