import { describe, expect, it } from 'vitest';
import { insightColumns, partMs } from '../../../client/pages/insight-columns.ts';
import { FIRST_WISH, insightWords } from '../../../client/pages/insight-wish.ts';
import {
  browserWords,
  comparisonBasis,
  comparisonHeadline,
  minutesWords,
  signedMs,
  stageChanges,
} from '../../../client/pages/insight-words.ts';
import type {
  BuildComparison,
  InsightFigures,
  InsightReport,
} from '../../../protocol/studio-insight.ts';

const STAGES_MS = { uplink: 1, wait: 4, render: 6, encode: 3, network: 2, decode: 2, present: 5 };

const COMPARISON: BuildComparison = {
  newer: {
    number: 41,
    sessions: 312,
    clickToPhotonP50Ms: 33,
    clickToPhotonP95Ms: 70.2,
    stagesMs: { ...STAGES_MS, render: 10.5, present: 4.8 },
  },
  older: {
    number: 40,
    sessions: 280,
    clickToPhotonP50Ms: 30,
    clickToPhotonP95Ms: 64,
    stagesMs: STAGES_MS,
  },
  verdict: 'slower',
  p50: { differenceMs: 3.1, lowMs: 1, highMs: 5 },
  p95: { differenceMs: 6.2, lowMs: 2.4, highMs: 10.3 },
};

describe('the words of a comparison', () => {
  it('say by how much, from how many sessions, and how sure', () => {
    expect(comparisonHeadline(COMPARISON)).toBe('Build 41 is 6.2 ms slower than build 40 at p95');
    expect(comparisonBasis(COMPARISON)).toMatch(
      /^312 sessions against 280\. p95 \+6\.2 ms \(\+2\.4 to \+10\), p50 \+3\.1 ms/,
    );
    expect(
      comparisonHeadline({
        ...COMPARISON,
        verdict: 'faster',
        p95: { differenceMs: -12, lowMs: -20, highMs: -4 },
      }),
    ).toBe('Build 41 is 12 ms faster than build 40 at p95');
  });

  it('claim nothing that may be chance, or that too few sessions tell', () => {
    expect(comparisonHeadline({ ...COMPARISON, verdict: 'alike' })).toBe(
      'No difference between build 41 and build 40 that is more than chance',
    );
    const few = {
      ...COMPARISON,
      newer: { ...COMPARISON.newer, sessions: 1 },
      verdict: 'too-few',
      p50: null,
      p95: null,
    } as const;
    expect(comparisonHeadline(few)).toBe('Too few sessions to compare build 41 with build 40');
    expect(comparisonBasis(few)).toMatch(/^1 session against 280 .* it takes 30 of each/);
  });

  it('name the stages that changed, the largest change first', () => {
    expect(stageChanges(COMPARISON)).toEqual([{ stage: 'render', changeMs: 4.5 }]);
    const unknown = { ...COMPARISON, older: { ...COMPARISON.older, stagesMs: null } };
    expect(stageChanges(unknown)).toEqual([]);
  });

  it('write numbers with a sign that can be told from a dash', () => {
    expect([signedMs(-0.01), signedMs(0), signedMs(-6.24), signedMs(12.4)]).toEqual([
      '0',
      '0',
      '−6.2',
      '+12',
    ]);
  });
});

describe('the figures of a game', () => {
  const FIGURES: InsightFigures = {
    sessions: 2,
    players: 1,
    lastedMs: 90_000,
    reported: 2,
    clickToPhotonP50Ms: 30,
    clickToPhotonP95Ms: 60,
    stagesMs: STAGES_MS,
    frameRate: 59,
    freezesPerHour: 0,
    frozenShare: 0,
  };
  const HOUR_MS = 3_600_000;
  const REPORT: InsightReport = {
    nowMs: 3.5 * HOUR_MS,
    fromMs: HOUR_MS,
    slotMs: HOUR_MS,
    limited: false,
    total: FIGURES,
    slots: [{ atMs: 2 * HOUR_MS, figures: FIGURES }],
    builds: [],
    regions: [],
    browsers: [],
    channels: [],
    comparison: null,
  };

  it('have a place for each slot: none played there is nothing played, and nothing measured', () => {
    const columns = insightColumns(REPORT);
    expect(columns.atS).toEqual([3600, 7200, 10_800]);
    expect(columns.sessions).toEqual([0, 2, 0]);
    expect(columns.minutes).toEqual([0, 1.5, 0]);
    expect(columns.p95Ms).toEqual([null, 60, null]);
    expect(columns.networkMs).toEqual([null, 3, null]);
  });

  it('split the way into game, stream and network, and leave out no stage', () => {
    const parts = (['game', 'stream', 'network'] as const).map((part) => partMs(STAGES_MS, part));
    expect(parts).toEqual([10, 10, 3]);
    expect(partMs(null, 'game')).toBeNull();
  });

  it('are written in words that fit a column', () => {
    expect(minutesWords(5 * 60_000)).toBe('5 min');
    expect(minutesWords(200 * HOUR_MS)).toBe('200 h');
    expect(browserWords('chrome 138')).toBe('Chrome 138');
    expect(browserWords(null)).toBe('not told');
  });

  it('are asked for with no more words than are meant', () => {
    expect(insightWords(FIRST_WISH)).toBe('?days=30');
    expect(insightWords({ days: 7, build: 41, region: 'eu west', browser: undefined })).toBe(
      '?days=7&build=41&region=eu+west',
    );
  });
});
