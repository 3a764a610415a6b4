import { describe, expect, it } from 'vitest';
import { qualityReportSchema } from '../../protocol/quality-report.ts';
import { QUALITY } from '../support/store-records.ts';

const { clickToPhotonP50Ms, clickToPhotonP95Ms, ...UNTOUCHED } = QUALITY;

describe('a report of quality', () => {
  it('tells of a session, with or without input in it', () => {
    for (const report of [QUALITY, UNTOUCHED]) {
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
});
