import { describe, expect, it } from 'vitest';
import { latencyBucket } from '../../../protocol/latency-histogram.ts';
import type { QualityReport, StageMedians } from '../../../protocol/quality-report.ts';
import type { PlayRecord } from '../../../signaling/store/store.ts';
import {
  InsightTallies,
  InsightTally,
  MAX_SESSION_WEIGHT,
} from '../../../signaling/studio/insight/insight-tally.ts';
import { newPlayerId, newSessionId, QUALITY, START_MS } from '../../support/store-records.ts';

const NOW_MS = START_MS + 3_600_000;

const STAGES: StageMedians = {
  uplink: 1,
  wait: 2,
  render: 3,
  encode: 4,
  network: 5,
  decode: 6,
  present: 7,
};

/** A session of a minute. */
function play(quality?: Partial<QualityReport>, changes: Partial<PlayRecord> = {}): PlayRecord {
  return {
    sessionId: newSessionId(),
    playerId: newPlayerId(),
    startedAtMs: START_MS,
    endedAtMs: START_MS + 60_000,
    quality: quality && { ...QUALITY, playedMs: 60_000, frames: 3_000, freezes: 3, ...quality },
    buildId: undefined,
    browser: undefined,
    reportedFrom: undefined,
    ...changes,
  };
}

/** So many inputs of one delay. */
function delays(ms: number, inputs: number): Partial<QualityReport> {
  return { clickToPhoton: { first: latencyBucket(ms), counts: [inputs] }, stagesP50Ms: STAGES };
}

function tallyOf(...sessions: readonly PlayRecord[]): InsightTally {
  const tally = new InsightTally();
  for (const session of sessions) tally.add(session, NOW_MS);
  return tally;
}

describe('sessions added up', () => {
  it('are counted, and so are their players, whether they reported or not', () => {
    const playerId = newPlayerId();
    const tally = tallyOf(play(delays(20, 9), { playerId }), play({}, { playerId }), play());
    expect(tally.measured).toBe(1);
    expect(tally.figures()).toMatchObject({
      sessions: 3,
      players: 2,
      lastedMs: 180_000,
      reported: 2,
      frameRate: 50,
      freezesPerHour: 180,
      stagesMs: STAGES,
    });
  });

  it('have the percentiles of all inputs, not the mean of their percentiles', () => {
    const quick = Array.from({ length: 9 }, () => play(delays(20, 100)));
    const { clickToPhotonP50Ms, clickToPhotonP95Ms } = tallyOf(
      ...quick,
      play(delays(200, 100)),
    ).figures();
    expect(clickToPhotonP50Ms).toBeCloseTo(20, -1);
    expect(clickToPhotonP95Ms).toBeGreaterThan(190);
  });

  it('hold no single one for all: it weighs no more than so many inputs', () => {
    const others = [1, 2].map(() => play(delays(20, MAX_SESSION_WEIGHT)));
    const endless = play(delays(300, 50 * MAX_SESSION_WEIGHT));
    expect(tallyOf(endless, ...others).figures().clickToPhotonP50Ms).toBeLessThan(25);
  });

  it('have the median of what they say of a stage', () => {
    const renders = [3, 40, 5, 4].map((render) => play({ stagesP50Ms: { ...STAGES, render } }));
    expect(tallyOf(...renders, play({})).figures().stagesMs).toEqual({ ...STAGES, render: 4.5 });
  });

  it('say nothing of what none of them measured', () => {
    expect(tallyOf(play()).figures()).toMatchObject({
      reported: 0,
      clickToPhotonP50Ms: null,
      clickToPhotonP95Ms: null,
      stagesMs: null,
      frameRate: null,
      freezesPerHour: null,
      frozenShare: null,
    });
    expect(tallyOf().figures()).toMatchObject({ sessions: 0, players: 0, lastedMs: 0 });
  });

  it('count up to now while they run, and not below nothing by another clock', () => {
    const running = play(undefined, { startedAtMs: NOW_MS - 5_000, endedAtMs: undefined });
    const ahead = play(undefined, { startedAtMs: NOW_MS + 5_000, endedAtMs: undefined });
    expect(tallyOf(running, ahead).figures().lastedMs).toBe(5_000);
  });

  it('were never frozen for longer than they were shown', () => {
    expect(tallyOf(play({ frozenMs: 90_000 })).figures().frozenShare).toBe(1);
  });

  it('stand in groups, the largest first, and no more than asked for', () => {
    const groups = new InsightTallies<string>();
    for (const key of ['one', 'two', 'two', 'three', 'three', 'three']) {
      groups.add(key, play(), NOW_MS);
    }
    expect(groups.largest(2).map(([key, { sessions }]) => [key, sessions])).toEqual([
      ['three', 3],
      ['two', 2],
    ]);
    expect(groups.all()).toHaveLength(3);
  });
});
