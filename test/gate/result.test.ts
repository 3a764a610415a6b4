import { describe, expect, it } from 'vitest';
import { FIGURES } from '../../gate/figures.ts';
import { METRICS } from '../../gate/metrics.ts';
import { parseResult, resultJsonSchema } from '../../gate/result.ts';
import { LATENCY_STAGES } from '../../protocol/latency-stages.ts';
import { plausiblePairs, plausibleResult } from '../support/gate/plausible-result.ts';

const result = plausibleResult(plausiblePairs(1, {}));

function parsed(change: object) {
  return () => parseResult(JSON.stringify({ ...result, ...change }), 'baseline.json');
}

describe('parseResult', () => {
  it('reads what was written', () => {
    expect(parsed({})()).toEqual(result);
  });

  it('refuses another version by its number', () => {
    expect(parsed({ schemaVersion: 2 })).toThrow('baseline.json has schema version 2');
  });

  it('refuses what it does not know, and says where', () => {
    expect(parsed({ extra: 1 })).toThrow('baseline.json is no result of rockpool bench');
    const [first] = result.measurements;
    const unknown = { ...first, values: { latency: 3 } };
    expect(parsed({ measurements: [unknown] })).toThrow('measurements.0.values');
  });

  it('refuses more rows of a timeline than a plot shows', () => {
    const [first] = result.measurements;
    const timeline = Array.from({ length: 500 }, (_, i) => ({ atMs: i * 40 }));
    expect(parsed({ measurements: [{ ...first, timeline }] })).toThrow(
      'more than 10 rows a second',
    );
  });

  it('refuses what is no JSON', () => {
    expect(() => parseResult('<html>', 'baseline.json')).toThrow('baseline.json is not JSON');
  });
});

describe('resultJsonSchema', () => {
  it('describes every metric', () => {
    const text = JSON.stringify(resultJsonSchema());
    for (const name of Object.keys(METRICS)) expect(text).toContain(`"${name}"`);
  });
});

describe('metrics', () => {
  it('know the same stages as the page', () => {
    expect(LATENCY_STAGES).toEqual(LATENCY_STAGES);
  });

  it('have a figure for each statistic and each value, with what counts as a change', () => {
    expect([...FIGURES.keys()]).toContain('present.p99Ms');
    for (const figure of FIGURES.values()) expect(figure.minimumEffect).toBeGreaterThan(0);
  });
});
