import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { delayColumns, figuresOf, sessionsPerHour } from '../../../client/pages/console-figures.ts';
import { pastPlay } from '../../support/machine-reports.ts';
import { START_MS } from '../../support/store-records.ts';

const HOUR_MS = 3_600_000;

describe('the delays of sessions over time', () => {
  it('are those that were measured, oldest first', () => {
    const columns = delayColumns([
      pastPlay({ startedAtMs: 3_000, clickToPhotonP50Ms: 20, clickToPhotonP95Ms: 40 }),
      pastPlay({ startedAtMs: 2_000, clickToPhotonP50Ms: null, clickToPhotonP95Ms: null }),
      pastPlay({ startedAtMs: 1_000, clickToPhotonP50Ms: 10, clickToPhotonP95Ms: 30 }),
    ]);
    expect(columns).toEqual({ startedS: [1, 3], p50Ms: [10, 20], p95Ms: [30, 40] });
  });
});

describe('the sessions of each hour', () => {
  it('count by when they began, with the hours of none between them', () => {
    const nowMs = 10 * HOUR_MS + 1;
    const began = [8.5, 8.9, 10].map((hour) => pastPlay({ startedAtMs: hour * HOUR_MS }));
    expect(sessionsPerHour(began, { sinceMs: 7.5 * HOUR_MS, nowMs })).toEqual({
      hourS: [7, 8, 9, 10].map((hour) => hour * 3600),
      sessions: [0, 2, 0, 1],
    });
  });

  it('hold every session of the time looked at, whatever that is', () => {
    const hours = fc.integer({ min: 0, max: 200 * HOUR_MS });
    fc.assert(
      fc.property(hours, fc.array(hours, { maxLength: 50 }), (spanMs, agesMs) => {
        const nowMs = START_MS;
        const within = agesMs.filter((ageMs) => ageMs <= spanMs);
        const sessions = within.map((ageMs) => pastPlay({ startedAtMs: nowMs - ageMs }));
        const counts = sessionsPerHour(sessions, { sinceMs: nowMs - spanMs, nowMs }).sessions;
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(within.length);
      }),
    );
  });
});

describe('the figures', () => {
  it('sum up hours and ends, and take the median of percentiles', () => {
    const sessions = [
      pastPlay({ clickToPhotonP50Ms: 10, clickToPhotonP95Ms: 20 }),
      pastPlay({ clickToPhotonP50Ms: 500, clickToPhotonP95Ms: 900, reason: 'worker-crashed' }),
      pastPlay({ clickToPhotonP50Ms: 12, clickToPhotonP95Ms: 25 }),
      pastPlay({
        endedAtMs: null,
        reason: null,
        clickToPhotonP50Ms: null,
        clickToPhotonP95Ms: null,
      }),
    ];
    expect(figuresOf(sessions, START_MS + 90_000)).toEqual({
      sessions: 4,
      playedMs: 3 * 60_000 + 90_000,
      usualP50Ms: 12,
      usualP95Ms: 25,
      endings: [
        { reason: 'player-left', count: 2 },
        { reason: 'worker-crashed', count: 1 },
      ],
    });
  });

  it('claim no delay where none was measured', () => {
    const none = pastPlay({ clickToPhotonP50Ms: null, clickToPhotonP95Ms: null });
    expect(figuresOf([none], START_MS)).toMatchObject({
      usualP50Ms: undefined,
      usualP95Ms: undefined,
    });
  });
});
