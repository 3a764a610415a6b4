import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Distribution } from '../../../gate/distribution.ts';
import { FIGURES, type Figure, PERCENTS } from '../../../gate/figures.ts';
import { figureOf, poolOf, readingOf } from '../../../gate/verdict/run-pool.ts';
import { plausibleRun } from '../../support/gate/plausible-result.ts';

function figure(name: string): Figure {
  const found = FIGURES.get(name);
  if (!found) throw new Error(`no figure ${name}`);
  return found;
}

const readingsMs = fc.array(fc.double({ min: 0, max: 5000, noNaN: true }), {
  minLength: 1,
  maxLength: 60,
});
const drawn = fc
  .array(fc.tuple(readingsMs, fc.nat({ max: 4 })), { minLength: 1, maxLength: 6 })
  .filter((runs) => runs.some(([, times]) => times > 0));

describe('poolOf a distribution', () => {
  it.each(['p50Ms', 'p95Ms', 'p99Ms'] as const)(
    'tells the %s that the merged histogram has',
    (statistic) => {
      fc.assert(
        fc.property(drawn, (runs) => {
          const pool = poolOf(
            figure(`clickToPhoton.${statistic}`),
            runs.map(([readings]) => Distribution.of(readings)),
          );
          const merged = Distribution.of(
            runs.flatMap(([readings, times]) => Array(times).fill(readings).flat()),
          );
          expect(pool.figure(runs.map(([, times]) => times))).toBe(
            merged.percentile(PERCENTS[statistic] ?? Number.NaN),
          );
        }),
      );
    },
  );

  it('tells the mean of all readings, not of the means', () => {
    const pool = poolOf(figure('clickToPhoton.meanMs'), [
      Distribution.of([10]),
      Distribution.of([20, 20, 20]),
    ]);
    expect(figureOf(pool)).toBeCloseTo(17.5, 1);
    expect(pool.figure([3, 1])).toBeCloseTo(15, 1);
  });
});

describe('poolOf values', () => {
  it('takes the mean, or the median where one run may be out of the ordinary', () => {
    expect(figureOf(poolOf(figure('framesPerSecond'), [50, 60, 61]))).toBe(57);
    expect(figureOf(poolOf(figure('firstFrameMs'), [500, 4000, 600]))).toBe(600);
    expect(figureOf(poolOf(figure('firstFrameMs'), [500, 600]))).toBe(550);
  });

  it('counts a run as often as it was drawn', () => {
    expect(poolOf(figure('framesPerSecond'), [50, 60]).figure([3, 1])).toBe(52.5);
    expect(poolOf(figure('firstFrameMs'), [500, 900, 600]).figure([1, 2, 0])).toBe(900);
  });
});

describe('readingOf', () => {
  const run = plausibleRun('b', 1);

  it('reads nothing from a run with a problem', () => {
    const problem = { code: 'browser-saturated', what: 'The browser could not keep up.' };
    expect(readingOf(figure('clickToPhoton.p50Ms'), { ...run, problem })).toBeUndefined();
  });

  it('reads nothing from a histogram without readings', () => {
    const histograms = { clickToPhoton: new Distribution().encoded() };
    expect(readingOf(figure('clickToPhoton.p50Ms'), { ...run, histograms })).toBeUndefined();
  });

  it('reads nothing that was not measured', () => {
    expect(readingOf(figure('psnrDb'), run)).toBeUndefined();
  });
});
