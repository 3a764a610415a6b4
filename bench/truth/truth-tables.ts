import { figure, type Table } from '../../gate/report/table.ts';
import { LATENCY_STAGES, type LatencyStage } from '../../protocol/latency-stages.ts';
import type { FrameAgreement } from '../support/frame-agreement.ts';
import { type Target, verdict } from '../support/target.ts';
import type { Comparison, PairedRound, Round } from './injection-runs.ts';
import type { Injection } from './injections.ts';
import { midmeanOf } from './midmean.ts';
import type { ObservingCost } from './observing-cost.ts';
import { type Estimate, estimateOf, sizeOf } from './paired-change.ts';
import { eachStage, largestChange, stageTimes } from './stage-changes.ts';

/** Of what is injected: so far off a stage may be, the one that is delayed and every other. */
const TOLERANCE = 0.1;
/** A session of which fewer presses were followed says nothing of what is typical. */
const LEAST_PRESSES = 8;

/** One injection held against the sessions without any. */
export interface Attribution {
  readonly injection: Injection;
  /** Rounds that count. */
  readonly rounds: number;
  readonly changes: Readonly<Record<LatencyStage, Estimate>>;
  readonly total: Estimate;
  /** Undefined where pixels say nothing. */
  readonly stopwatch: Estimate | undefined;
  /** The largest that a page told in a session with the injection. */
  readonly clockErrorMs: number;
}

function isCounted({ before, injected, after }: PairedRound): boolean {
  return [before, injected, after].every(({ samples }) => samples.length >= LEAST_PRESSES);
}

export function attributionOf({ injection, rounds }: Comparison): Attribution {
  const counted = rounds.filter(isCounted);
  const changeOf = (timeOf: (round: Round) => number) =>
    estimateOf(
      counted.map(
        ({ before, injected, after }) => timeOf(injected) - (timeOf(before) + timeOf(after)) / 2,
      ),
    );
  const { hasPixels = true } = injection;
  return {
    injection,
    rounds: counted.length,
    changes: eachStage((stage) => changeOf(({ samples }) => stageTimes(samples)[stage])),
    total: changeOf(({ samples }) => midmeanOf(samples.map(({ totalMs }) => totalMs))),
    stopwatch: hasPixels ? changeOf(({ stopwatchMs }) => midmeanOf(stopwatchMs)) : undefined,
    clockErrorMs: Math.max(...counted.map(({ injected }) => injected.clockErrorMs)),
  };
}

function estimateText({ ms, lowMs, highMs }: Estimate): string {
  const isKnown = Number.isFinite(lowMs) && Number.isFinite(highMs);
  return isKnown ? `${figure(ms)} ±${figure((highMs - lowMs) / 2)}` : figure(ms);
}

/** What was injected, down, and where the accounting found it, across. */
export function matrixTable(attributions: readonly Attribution[], delayMs: number): Table {
  return {
    title: `Injected and found: change of each stage, milliseconds; ${delayMs} ms injected`,
    head: ['injected', 'rounds', ...LATENCY_STAGES, 'total', 'by pixels', 'clock error ≤'],
    rows: attributions.map(({ injection, rounds, changes, total, stopwatch, clockErrorMs }) => [
      injection.name,
      String(rounds),
      ...LATENCY_STAGES.map((stage) => estimateText(changes[stage])),
      estimateText(total),
      stopwatch ? estimateText(stopwatch) : '–',
      figure(clockErrorMs),
    ]),
  };
}

function errorOf({ ms, lowMs, highMs }: Estimate, expectedMs: number): Estimate {
  return { ms: ms - expectedMs, lowMs: lowMs - expectedMs, highMs: highMs - expectedMs };
}

/** All of them are within a limit where the farthest is. */
function farthest(sizes: readonly ReturnType<typeof sizeOf>[]): ReturnType<typeof sizeOf> {
  const most = (of: (size: ReturnType<typeof sizeOf>) => number) => Math.max(...sizes.map(of));
  return {
    measured: most(({ measured }) => measured),
    lowest: most(({ lowest }) => lowest),
    highest: most(({ highest }) => highest),
  };
}

export function targetsOf(attribution: Attribution, delayMs: number): Target[] {
  const limit = TOLERANCE * delayMs;
  const { injection, changes, total, stopwatch, clockErrorMs } = attribution;
  const { name, expectedMs, isClockTried = false } = injection;
  const errors = eachStage((stage) => errorOf(changes[stage], expectedMs[stage] ?? 0));
  const stage = largestChange(eachStage((one) => errors[one].ms));
  const injectedMs = Object.values(expectedMs).reduce((sum, ms) => sum + ms, 0);
  const targets: Target[] = [
    {
      what: `${name}: the stage farthest from the truth (${stage})`,
      ...farthest(LATENCY_STAGES.map((one) => sizeOf(errors[one]))),
      limit: isClockTried ? Math.ceil(Math.max(0, clockErrorMs) + limit) : limit,
      unit: 'ms',
    },
    {
      what: `${name}: total, from what was injected`,
      ...sizeOf(errorOf(total, injectedMs)),
      limit,
      unit: 'ms',
    },
  ];
  if (!stopwatch) return targets;
  const size = sizeOf(errorOf(stopwatch, injectedMs));
  return [...targets, { what: `${name}: pixels, from the same`, ...size, limit, unit: 'ms' }];
}

/** Whether more rounds would make no difference to the verdicts on an injection. */
export function isDecided(comparison: Comparison, delayMs: number): boolean {
  const targets = targetsOf(attributionOf(comparison), delayMs);
  return targets.every((target) => verdict(target) !== 'undecided');
}

export interface ReadFrames {
  readonly what: string;
  readonly agreement: FrameAgreement;
}

export function frameTable(all: readonly ReadFrames[]): Table {
  return {
    title: 'Every displayed frame: its pixels against its report',
    head: [
      '',
      'frames',
      'same',
      'next already',
      'other frame',
      'other input',
      'unread',
      'no report',
    ],
    rows: all.map(({ what, agreement }) => [
      what,
      String(agreement.frames),
      String(agreement.same),
      `${agreement.nextAlready} (${figure((100 * agreement.nextAlready) / agreement.frames)} %)`,
      String(agreement.otherFrame),
      String(agreement.otherInput),
      String(agreement.unread),
      String(agreement.unreported),
    ]),
  };
}

export function frameTargets(all: readonly ReadFrames[]): Target[] {
  return all.map(({ what, agreement: { otherFrame, otherInput } }) => ({
    what: `${what}: frames whose pixels contradict their report`,
    measured: otherFrame + otherInput,
    limit: 0,
    unit: '',
  }));
}

export function costTable(costs: readonly ObservingCost[]): Table {
  return {
    title: 'What observing costs',
    head: [
      'looked at',
      'p50 ms',
      'p95 ms',
      'frames/s',
      'page busy %',
      'of it scripts %',
      'reading a picture ms',
    ],
    rows: costs.map((cost) => [
      cost.what,
      figure(cost.latencyP50Ms),
      figure(cost.latencyP95Ms),
      figure(cost.framesPerSecond),
      figure(100 * cost.busyShare),
      figure(100 * cost.scriptShare),
      figure(cost.readP50Ms),
    ]),
  };
}
