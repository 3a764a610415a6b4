import { describe, expect, it } from 'vitest';
import { LATENCY_BUCKETS } from '../../protocol/latency-histogram.ts';
import { type QualityReport, qualityReportSchema } from '../../protocol/quality-report.ts';
import { QUALITY } from '../support/store-records.ts';

const STAGES_MS = {
  uplink: 1,
  wait: 4,
  render: 6.5,
  encode: 3,
  network: 2,
  decode: 2.5,
  present: 5,
};

/** What a page of this release tells. */
const DETAILED: QualityReport = {
  ...QUALITY,
  clickToPhoton: { first: 70, counts: [3, 0, 9] },
  stagesP50Ms: STAGES_MS,
  browser: { family: 'firefox', major: 153 },
};

const { clickToPhotonP50Ms, clickToPhotonP95Ms, ...UNTOUCHED } = QUALITY;

describe('a report of quality', () => {
  it('tells of a session, with or without input in it', () => {
    for (const report of [QUALITY, UNTOUCHED, DETAILED]) {
      expect(qualityReportSchema.parse(report)).toEqual(report);
    }
  });

  it('has both percentiles in their order, or neither', () => {
    for (const percentiles of [
      { clickToPhotonP50Ms },
      { clickToPhotonP95Ms },
      { clickToPhotonP50Ms: 40, clickToPhotonP95Ms: 39 },
    ]) {
      expect(qualityReportSchema.safeParse({ ...UNTOUCHED, ...percentiles }).success).toBe(false);
    }
  });

  it('takes no number that a session cannot have, and no other word', () => {
    for (const wrong of [
      { frames: -1 },
      { clockErrorMs: -0.1 },
      { frames: 1.5 },
      { playedMs: Number.NaN },
      { frozenMs: Number.POSITIVE_INFINITY },
      { bitrateBps: 1e15 },
      { width: 100_000 },
      { playerName: 'Ada' },
    ]) {
      expect(qualityReportSchema.safeParse({ ...QUALITY, ...wrong }).success).toBe(false);
    }
  });

  it('tells of a distribution and of stages only where it measured a delay', () => {
    const { clickToPhoton, stagesP50Ms } = DETAILED;
    for (const part of [{ clickToPhoton }, { stagesP50Ms }]) {
      expect(qualityReportSchema.safeParse({ ...UNTOUCHED, ...part }).success).toBe(false);
    }
  });

  it('takes no distribution, stage or browser that there cannot be', () => {
    const { present: _, ...six } = STAGES_MS;
    for (const wrong of [
      { clickToPhoton: { first: LATENCY_BUCKETS - 1, counts: [1, 1] } },
      { clickToPhoton: { first: -1, counts: [1] } },
      { clickToPhoton: { first: 0, counts: [] } },
      { clickToPhoton: { first: 0, counts: [0, 1] } },
      { clickToPhoton: { first: 0, counts: [1, 0] } },
      { clickToPhoton: { first: 0, counts: [1.5] } },
      { clickToPhoton: { first: 0, counts: new Array(LATENCY_BUCKETS + 1).fill(1) } },
      { stagesP50Ms: six },
      { stagesP50Ms: { ...STAGES_MS, thinking: 1 } },
      { stagesP50Ms: { ...STAGES_MS, render: 60_001 } },
      { browser: { family: 'Ada’s own', major: 1 } },
      { browser: { family: 'chrome', major: 1000 } },
      { browser: { family: 'chrome', major: 138, build: '7204.93' } },
    ]) {
      expect(qualityReportSchema.safeParse({ ...DETAILED, ...wrong }).success).toBe(false);
    }
  });

  it('takes no more inputs than hands make in the time that was played', () => {
    const withInputs = (count: number) => ({
      ...DETAILED,
      playedMs: 60_000,
      clickToPhoton: { first: 70, counts: [count] },
    });
    expect(qualityReportSchema.safeParse(withInputs(120_000)).success).toBe(true);
    expect(qualityReportSchema.safeParse(withInputs(120_001)).success).toBe(false);
  });
});
