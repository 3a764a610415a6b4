import { describe, expect, it } from 'vitest';
import { compareMeasurements, mergeRuns } from '../../bench/support/agreement.ts';

const press = (inputSeq: number, latencyMs: number) => ({
  inputSeq,
  inputAtMs: 1000 * inputSeq,
  shownAtMs: 1000 * inputSeq + latencyMs,
});

describe('compareMeasurements', () => {
  it('takes differences press by press, not between medians', () => {
    const agreement = compareMeasurements(
      [press(1, 20), press(2, 40)],
      [press(1, 40), press(2, 20)],
    );
    expect(agreement).toMatchObject({ pairs: 2, medianMs: 0, maxAbsMs: 20, beyondOneFrame: 2 });
  });

  it('counts what only one way measured and leaves it out of the differences', () => {
    const agreement = compareMeasurements(
      [press(1, 20), press(2, 900)],
      [press(1, 19), press(3, 900), press(4, 900)],
    );
    expect(agreement).toMatchObject({ pairs: 1, onlyFirst: 1, onlySecond: 2, maxAbsMs: 1 });
  });

  it('has no figures without pairs', () => {
    const agreement = compareMeasurements([press(1, 20)], []);
    expect(agreement.medianMs).toBeNaN();
    expect(agreement.maxAbsMs).toBeNaN();
  });
});

describe('mergeRuns', () => {
  it('never joins a press of one session to one of another', () => {
    const agreement = mergeRuns([
      { first: [press(1, 20)], second: [] },
      { first: [], second: [press(1, 50)] },
      { first: [press(1, 30)], second: [press(1, 29)] },
    ]);
    expect(agreement).toMatchObject({ pairs: 1, onlyFirst: 1, onlySecond: 1, medianMs: 1 });
  });
});
