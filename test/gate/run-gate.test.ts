import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BrowserPool } from '../../gate/browser/browser-pool.ts';
import { resultSchema } from '../../gate/result.ts';
import { exitCodeOf, type GateRequest, runGate } from '../../gate/run-gate.ts';
import { shippedScenarios } from '../../gate/scenario-files.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import { madeUpMeasurement, verdict } from '../support/made-up-measurement.ts';

describe('the exit code', () => {
  const good = madeUpMeasurement();
  const bad = madeUpMeasurement({ run: 2, problem: { code: 'no-picture', what: 'Nothing.' } });
  const result = (changes: object) => ({
    verdicts: [],
    measurements: [good],
    options: { scenarios: [], profiles: [], browsers: [], runs: 1 },
    ...changes,
  });

  it('is 0 where everything was measured and nothing failed', () => {
    expect(exitCodeOf(result({}), undefined, false)).toBe(0);
    expect(exitCodeOf(result({ verdicts: [verdict('pass')] }), undefined, false)).toBe(0);
  });

  it('is 1 where a budget failed, whatever else could not be measured', () => {
    const verdicts = [verdict('pass'), verdict('fail')];
    expect(exitCodeOf(result({ verdicts }), undefined, false)).toBe(1);
    expect(exitCodeOf(result({ verdicts, measurements: [bad] }), undefined, true)).toBe(1);
  });

  it('is 0 for what is undecided, unless the budgets say otherwise', () => {
    const undecided = result({ verdicts: [verdict('undecided')] });
    const all = {
      schemaVersion: 1 as const,
      falseAlarms: 0.01,
      missed: 0.05,
      anyMachine: false,
      budgets: [{ metric: 'firstFrameMs', limit: 1 }] satisfies [object],
    };
    expect(exitCodeOf(undecided, { ...all, undecided: 'pass' }, false)).toBe(0);
    expect(exitCodeOf(undecided, { ...all, undecided: 'fail' }, false)).toBe(1);
  });

  it('is 2 where nothing or too little could be measured, or somebody stopped it', () => {
    expect(exitCodeOf(result({ measurements: [] }), undefined, false)).toBe(2);
    expect(exitCodeOf(result({ measurements: [bad] }), undefined, false)).toBe(2);
    expect(exitCodeOf(result({}), undefined, true)).toBe(2);
    const other = { ...bad, profile: 'wifi' };
    expect(exitCodeOf(result({ measurements: [good, other] }), undefined, false)).toBe(2);
  });

  it('is 0 where one run of several was spoilt', () => {
    const runs = [1, 2, 3, 4].map((run) => madeUpMeasurement({ run }));
    const options = { scenarios: [], profiles: [], browsers: [], runs: 4 };
    const measurements = [...runs.slice(1), { ...bad, run: 1 }];
    expect(exitCodeOf(result({ measurements, options }), undefined, false)).toBe(0);
  });
});

describe('runGate', () => {
  let server: Server;
  let url: URL;
  beforeEach(async () => {
    const games = [{ id: 'calibration', freeSlots: 1 }];
    server = createServer((_request, response) => response.end(JSON.stringify({ games })));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    url = new URL(`http://127.0.0.1:${address.port}`);
  });
  afterEach(() => server.close());

  async function request(changes: Partial<GateRequest>): Promise<GateRequest> {
    const scenarios = await shippedScenarios();
    return {
      command: 'rockpool bench',
      scenarios: scenarios.filter(({ name }) => name === 'calibration' || name === 'skimmer'),
      named: true,
      profiles: ['direct'],
      browsers: ['chromium'],
      seconds: 1,
      runs: 1,
      sides: {
        b: {
          target: { url, workers: async () => [], rest: async () => undefined },
          judged: { name: 'the one under test' },
        },
      },
      budgets: undefined,
      baseline: undefined,
      asked: {},
      machine: { cores: 2, model: 'any', memoryGiB: 1, system: 'any', loadBefore: 0 },
      ...changes,
    };
  }

  /** Browsers that never start. */
  function broken(): BrowserPool {
    return new BrowserPool(() =>
      Promise.reject(new RockpoolError('internal', 'The browser does not start.')),
    );
  }

  const surroundings = () => ({
    browsers: broken(),
    tell: () => undefined,
    signal: new AbortController().signal,
  });

  it('tells of a game that is not offered and of a browser that does not start, as problems', async () => {
    const result = await runGate(await request({}), surroundings());
    const problems = result.measurements.map(({ scenario, problem }) => [scenario, problem?.code]);
    expect(problems).toEqual([
      ['skimmer', 'game-not-offered'],
      ['calibration', 'broken'],
    ]);
    expect(result.measurements[0]?.problem?.what).toContain(
      'the one under test does not offer skimmer, which skimmer plays. It offers: calibration.',
    );
    expect(result.measurements[1]?.problem?.what).toContain('The browser does not start.');
    expect(resultSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
    expect(exitCodeOf(result, undefined, false)).toBe(2);
  });

  it('leaves out what nobody named and is not offered, and says so', async () => {
    const result = await runGate(await request({ named: false }), surroundings());
    expect(result.measurements.map(({ scenario }) => scenario)).toEqual(['calibration']);
    expect(result.notes[0]).toMatch(/^Left out: .*skimmer/);
  });

  it('measures nothing once it is stopped, and says so', async () => {
    const stopped = { ...surroundings(), signal: AbortSignal.abort() };
    const result = await runGate(await request({ named: false }), stopped);
    expect(result.measurements).toEqual([]);
    expect(result.notes).toContain('This was stopped before its end.');
  });
});
