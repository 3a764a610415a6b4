import { emptyMeasurement, type Measurement, type Result } from '../../gate/result.ts';

/** A run that measured nothing and has no problem. */
export function madeUpMeasurement(changes: Partial<Measurement> = {}): Measurement {
  const startedAt = '2026-01-01T00:00:00.000Z';
  const cell = { scenario: 'calibration', profile: 'lan', browser: 'chromium' } as const;
  return { ...emptyMeasurement({ ...cell, side: 'b', run: 1, startedAt }), ...changes };
}

/** What becomes of one budget. */
export function verdict(
  outcome: Result['verdicts'][number]['outcome'],
): Result['verdicts'][number] {
  return {
    figure: 'clickToPhoton.p95Ms',
    scenario: 'calibration',
    profile: 'lan',
    browser: 'chromium',
    kind: 'limit',
    outcome,
    unit: 'ms',
    allowed: 'at most 60 ms',
    runs: 8,
    why: 'So it was.',
  };
}
