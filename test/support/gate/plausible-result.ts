import { Distribution } from '../../../gate/distribution.ts';
import { SeededRandom } from '../../../gate/network/seeded-random.ts';
import type { Measurement, Result, Side, WorstFrame } from '../../../gate/result.ts';
import { sidesInTurn } from '../../../gate/verdict/run-plan.ts';
import { LATENCY_STAGES, type LatencyStage } from '../../../protocol/latency-stages.ts';

/** Means of a game on a LAN, milliseconds. */
const STAGE_MS: Readonly<Record<LatencyStage, number>> = {
  uplink: 0.8,
  wait: 2.5,
  render: 4,
  encode: 3.5,
  network: 3,
  decode: 2,
  present: 7,
};

export interface PlausibleOptions {
  readonly scenario?: string;
  readonly profile?: string;
  readonly browser?: Measurement['browser'];
  /** Added to the network stage of every input. */
  readonly slowerMs?: number;
  readonly freezes?: boolean;
  readonly seconds?: number;
}

/** A run as it might have been measured: the same for the same side, number and options. */
export function plausibleRun(
  side: Side,
  run: number,
  {
    scenario = 'skimmer',
    profile = 'lan',
    browser = 'chromium',
    slowerMs = 0,
    freezes = false,
    seconds = 20,
  }: PlausibleOptions = {},
): Measurement {
  const random = new SeededRandom(side === 'a' ? 1 : 2, run, scenario.length, profile.length);
  const offsetMs = Math.abs(random.normal());
  const inputs = Array.from({ length: seconds * 4 }, (_, i): WorstFrame => {
    const stages = Object.fromEntries(
      LATENCY_STAGES.map((stage) => {
        const spike = random.next() < 0.01 ? 40 * random.next() : 0;
        const more = stage === 'network' ? slowerMs : stage === 'present' ? offsetMs : 0;
        return [stage, STAGE_MS[stage] * Math.exp(0.3 * random.normal()) + more + spike];
      }),
    ) as Record<LatencyStage, number>;
    const totalMs = LATENCY_STAGES.reduce((sum, stage) => sum + stages[stage], 0);
    return { atMs: 100 + i * 250, frameNumber: 6 + i * 15, totalMs, stages };
  });
  const frozen = freezes ? [{ atMs: 4200, lengthMs: 420 + 50 * run }] : [];
  const histogram = (of: (input: WorstFrame) => number) =>
    Distribution.of(inputs.map(of)).encoded();
  return {
    scenario,
    profile,
    browser,
    side,
    run,
    startedAt: `2026-01-02T03:${String(10 + run).padStart(2, '0')}:00.000Z`,
    durationMs: seconds * 1000,
    histograms: {
      clickToPhoton: histogram(({ totalMs }) => totalMs),
      ...Object.fromEntries(
        LATENCY_STAGES.map((stage) => [stage, histogram(({ stages }) => stages[stage])]),
      ),
      frameInterval: Distribution.of(
        Array.from({ length: seconds * 60 }, () => 16.7 + 1.5 * random.normal()),
      ).encoded(),
    },
    values: {
      firstFrameMs: 640 + 60 * random.normal(),
      framesPerSecond: 59.4 + 0.3 * random.normal(),
      lowFramesPerSecond: 51 + 2 * random.normal(),
      freezesPerMinute: (frozen.length * 60) / seconds,
      frozenMsPerMinute: frozen.reduce((sum, { lengthMs }) => sum + (lengthMs * 60) / seconds, 0),
      bitrateBps: 7.8e6 + 3e5 * random.normal(),
      workerCpuCores: 0.62 + 0.02 * random.normal(),
      browserCpuCores: 0.55 + 0.02 * random.normal(),
      harnessCpuCores: 0.02,
    },
    timeline: Array.from({ length: seconds * 4 }, (_, i) => {
      const still = frozen.some(
        ({ atMs, lengthMs }) => i * 250 > atMs && i * 250 < atMs + lengthMs,
      );
      return {
        atMs: i * 250,
        ...(!still && { clickToPhotonMs: inputs[i]?.totalMs ?? 0 }),
        framesPerSecond: still ? 0 : 58 + 2 * random.next(),
        bitrateBps: 7.2e6 + 1.2e6 * random.next(),
        capacityBps: 20e6,
      };
    }),
    freezes: frozen,
    worstFrames: inputs.toSorted((one, other) => other.totalMs - one.totalMs).slice(0, 10),
  };
}

/** A result with these runs and no verdicts. */
export function plausibleResult(
  measurements: readonly Measurement[],
  overrides: Partial<Result> = {},
): Result {
  const compared = measurements.some(({ side }) => side === 'a');
  return {
    schemaVersion: 1,
    startedAt: '2026-01-02T03:04:05.000Z',
    endedAt: '2026-01-02T03:34:05.000Z',
    command: 'rockpool bench --against main',
    machine: {
      cores: 2,
      model: 'Test processor',
      memoryGiB: 8,
      system: 'Linux 6.1, Debian 12',
      loadBefore: 0.1,
    },
    versions: {
      rockpool: '0.1.0',
      protocol: 5,
      node: '20.20.0',
      browsers: { chromium: 'Chromium 150.0.1.2' },
    },
    sides: {
      ...(compared && { a: { name: 'main', commit: 'a'.repeat(40) } }),
      b: { name: 'faster-menu', commit: 'b'.repeat(40) },
    },
    options: {
      scenarios: ['skimmer'],
      profiles: ['lan'],
      browsers: ['chromium'],
      runs: Math.max(1, ...measurements.map(({ run }) => run)),
    },
    measurements: [...measurements],
    verdicts: [],
    notes: [],
    ...overrides,
  };
}

/** Pairs of runs in their order, `b` different from `a` by its options. */
export function plausiblePairs(runs: number, b: PlausibleOptions, a: PlausibleOptions = {}) {
  return Array.from({ length: runs }, (_, i) => i + 1).flatMap((run) =>
    sidesInTurn(run).map((side) => plausibleRun(side, run, side === 'a' ? a : b)),
  );
}
