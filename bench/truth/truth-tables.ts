import { medianOf } from '../../gate/median.ts';
import { figure, type Table } from '../../gate/report/table.ts';
import { LATENCY_STAGES } from '../../protocol/latency-stages.ts';
import type { FrameAgreement } from '../support/frame-agreement.ts';
import type { Target } from '../support/target.ts';
import type { Comparison, InjectionRun } from './injection-runs.ts';
import type { ObservingCost } from './observing-cost.ts';
import { type StageTimes, stageChanges, stageMedians, worstError } from './stage-changes.ts';

/** Of what is injected: so far off a stage may be, the one that is delayed and every other. */
const TOLERANCE = 0.1;

/** One injection held against the runs without any. */
export interface Attribution {
  readonly name: string;
  readonly run: InjectionRun;
  readonly changes: StageTimes;
  readonly totalMs: number;
  /** NaN where pixels say nothing. */
  readonly stopwatchMs: number;
}

export function attributionsOf(comparisons: readonly Comparison[]): Attribution[] {
  const totalOf = ({ samples }: InjectionRun) => medianOf(samples.map(({ totalMs }) => totalMs));
  return comparisons.map(({ nothing, injected }) => {
    const { name, hasPixels = true } = injected.injection;
    return {
      name,
      run: injected,
      changes: stageChanges(stageMedians(nothing.samples), stageMedians(injected.samples)),
      totalMs: totalOf(injected) - totalOf(nothing),
      stopwatchMs: hasPixels
        ? medianOf(injected.stopwatchMs) - medianOf(nothing.stopwatchMs)
        : Number.NaN,
    };
  });
}

/** What was injected, down, and where the accounting found it, across. */
export function matrixTable(attributions: readonly Attribution[], delayMs: number): Table {
  return {
    title: `Injected and found: change of each stage's median, milliseconds; ${delayMs} ms injected`,
    head: ['injected', ...LATENCY_STAGES, 'total', 'by pixels', 'clock error ≤'],
    rows: attributions.map(({ name, run, changes, totalMs, stopwatchMs }) => [
      name,
      ...LATENCY_STAGES.map((stage) => figure(changes[stage])),
      figure(totalMs),
      figure(stopwatchMs),
      figure(run.clockErrorMs),
    ]),
  };
}

export function truthTargets(attributions: readonly Attribution[], delayMs: number): Target[] {
  const limit = TOLERANCE * delayMs;
  return attributions.flatMap(({ name, run, changes, totalMs, stopwatchMs }) => {
    const { expectedMs, isClockTried = false } = run.injection;
    const { stage, errorMs } = worstError(expectedMs, changes);
    const what = `${name}: the stage farthest from the truth (${stage})`;
    const injectedMs = Object.values(expectedMs).reduce((sum, ms) => sum + ms, 0);
    const targets: Target[] = [
      {
        what,
        measured: Math.abs(errorMs),
        limit: isClockTried ? Math.ceil(run.clockErrorMs + limit) : limit,
        unit: 'ms',
      },
      {
        what: `${name}: total, from what was injected`,
        measured: Math.abs(totalMs - injectedMs),
        limit,
        unit: 'ms',
      },
    ];
    if (Number.isNaN(stopwatchMs)) return targets;
    const measured = Math.abs(stopwatchMs - injectedMs);
    return [...targets, { what: `${name}: pixels, from the same`, measured, limit, unit: 'ms' }];
  });
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
