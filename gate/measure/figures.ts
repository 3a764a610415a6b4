import { LATENCY_STAGES, type LatencyStage } from '../../protocol/latency-stages.ts';
import { findFreezes, frozenMs } from '../freezes.ts';
import { medianOf } from '../median.ts';
import type { ValueName } from '../metrics.ts';
import type { LinkSample } from '../network/link-statistics.ts';
import type { Counters, FollowedInput, GatePixelReport, PageReport } from '../page-report.ts';
import type { ResultFreeze, TimelineRow, WorstFrame } from '../result.ts';

/** What the page saw of one run. */
export interface Seen {
  readonly page: PageReport;
  /** Those that happened while it was measured. */
  readonly inputs: readonly FollowedInput[];
  /** Of calibrated scenes. */
  readonly pixels: GatePixelReport | undefined;
  /** Of the relay, towards the player; empty without one. */
  readonly link: readonly LinkSample[];
  /** That the player chose. */
  readonly frameRate: number;
}

const WORST_FRAMES = 10;
/** Four rows a second: what a plot of a run can show. */
const ROW_MS = 250;
/** An hour has no more rows than five minutes. */
const MOST_ROWS = 1200;
/** A picture that took half an interval longer than usual is seen as a stutter. */
const LATE = 1.5;
const SECONDS_PER_MINUTE = 60;

/** Milliseconds, for the histograms. */
export type Durations = Partial<
  Record<'clickToPhoton' | 'clickToPhotonPixels' | 'frameInterval' | LatencyStage, number[]>
>;

/** Every reading that belongs into a distribution. */
export function durationsOf({ page, inputs, pixels }: Seen): Durations {
  const durations: Durations = { frameInterval: intervals(page.framesMs) };
  if (inputs.length > 0) {
    durations.clickToPhoton = inputs.map(({ totalMs }) => totalMs);
    for (const stage of LATENCY_STAGES)
      durations[stage] = inputs.map(({ stages }) => stages[stage]);
  }
  const samples = pixels?.samples ?? [];
  if (samples.length > 0) {
    durations.clickToPhotonPixels = samples.map(
      ({ inputAtMs, shownAtMs }) => shownAtMs - inputAtMs,
    );
  }
  return durations;
}

/** What is one number a run, as far as the page tells it. */
export function valuesOf(seen: Seen): Partial<Record<ValueName, number>> {
  const { page } = seen;
  const { firstFrameMs, clockErrorMs } = page;
  return {
    ...(firstFrameMs !== undefined && { firstFrameMs }),
    ...(clockErrorMs !== undefined && { clockErrorMs }),
    ...pictureValues(seen),
    ...receivedValues(page),
  };
}

/** Times without a picture. */
export function freezesOf({ page, frameRate }: Seen): ResultFreeze[] {
  return findFreezes(page.framesMs, page.durationMs, frameRate).map(({ fromMs, toMs }) => ({
    atMs: fromMs,
    lengthMs: toMs - fromMs,
  }));
}

/** The inputs that took longest to the screen, the worst first. */
export function worstFramesOf({ inputs }: Seen): WorstFrame[] {
  return inputs
    .toSorted((one, other) => other.totalMs - one.totalMs)
    .slice(0, WORST_FRAMES)
    .map(({ inputAtMs, frameNumber, totalMs, stages }) => ({
      atMs: inputAtMs,
      frameNumber,
      totalMs: Math.max(0, totalMs),
      stages: Object.fromEntries(
        LATENCY_STAGES.map((stage) => [stage, Math.max(0, stages[stage])]),
      ) as Record<LatencyStage, number>,
    }));
}

/** The run as a row of moments. */
export function timelineOf(seen: Seen): TimelineRow[] {
  const { durationMs, framesMs, counters } = seen.page;
  const rowMs = Math.max(ROW_MS, durationMs / MOST_ROWS);
  const rows: TimelineRow[] = [];
  for (let fromMs = 0; fromMs + rowMs <= durationMs; fromMs += rowMs) {
    const toMs = fromMs + rowMs;
    const within = (atMs: number) => atMs > fromMs && atMs <= toMs;
    const shown = seen.inputs.filter(({ shownAtMs }) => within(shownAtMs));
    const link = seen.link.filter(({ atMs }) => within(atMs));
    const interval = longestIntervalMs(framesMs, fromMs, toMs);
    rows.push({
      atMs: toMs,
      framesPerSecond: (framesMs.filter(within).length * 1000) / rowMs,
      ...(shown.length > 0 && {
        clickToPhotonMs: Math.max(0, ...shown.map(({ totalMs }) => totalMs)),
      }),
      ...(interval !== undefined && { frameIntervalMs: interval }),
      ...(link.length > 0 && {
        capacityBps: link.reduce((sum, { capacityBps }) => sum + capacityBps, 0) / link.length,
      }),
      ...receivedWithin(counters, within),
    });
  }
  return rows;
}

function intervals(framesMs: readonly number[]): number[] {
  return framesMs.slice(1).map((atMs, i) => atMs - (framesMs[i] ?? atMs));
}

function pictureValues({ page, frameRate }: Seen): Partial<Record<ValueName, number>> {
  const { framesMs, durationMs } = page;
  const between = intervals(framesMs);
  if (between.length === 0 || durationMs <= 0) return {};
  const usualMs = medianOf(between);
  const freezes = findFreezes(framesMs, durationMs, frameRate);
  const minutes = durationMs / 1000 / SECONDS_PER_MINUTE;
  return {
    framesPerSecond: (framesMs.length * 1000) / durationMs,
    lowFramesPerSecond: 1000 / slowestMeanMs(between),
    stutterShare: between.filter((ms) => ms >= LATE * usualMs).length / between.length,
    freezesPerMinute: freezes.length / minutes,
    frozenMsPerMinute: frozenMs(freezes, frameRate) / minutes,
  };
}

/** Mean of the slowest hundredth of all intervals, and of one at least. */
function slowestMeanMs(between: readonly number[]): number {
  const slowest = between.toSorted((one, other) => other - one);
  const count = Math.max(1, Math.round(between.length / 100));
  return slowest.slice(0, count).reduce((sum, ms) => sum + ms, 0) / count;
}

function receivedValues({ counters }: PageReport): Partial<Record<ValueName, number>> {
  const first = counters[0];
  const last = counters.at(-1);
  // A new connection counts from 0 again: what was counted before says nothing of it.
  if (!first || !last || last.atMs <= first.atMs || last.bytesReceived < first.bytesReceived) {
    return {};
  }
  const { bitrateBps, packetsLostShare } = between(first, last);
  const soundDelays = last.soundDelays - first.soundDelays;
  const minutes = (last.atMs - first.atMs) / 1000 / SECONDS_PER_MINUTE;
  const heard = last.soundBytesReceived > first.soundBytesReceived;
  return {
    bitrateBps,
    packetsLostShare,
    ...(soundDelays > 0 && {
      soundDelayMs: (last.soundDelayMs - first.soundDelayMs) / soundDelays,
    }),
    ...(heard && { soundGapsPerMinute: (last.soundGaps - first.soundGaps) / minutes }),
  };
}

function between(first: Counters, last: Counters) {
  const lost = Math.max(0, last.packetsLost - first.packetsLost);
  const received = Math.max(0, last.packetsReceived - first.packetsReceived);
  return {
    bitrateBps: ((last.bytesReceived - first.bytesReceived) * 8000) / (last.atMs - first.atMs),
    packetsLostShare: lost + received === 0 ? 0 : lost / (lost + received),
  };
}

function receivedWithin(
  counters: readonly Counters[],
  within: (atMs: number) => boolean,
): Pick<TimelineRow, 'bitrateBps' | 'packetsLostShare'> {
  const index = counters.findLastIndex(({ atMs }) => within(atMs));
  const last = counters[index];
  const first = counters[index - 1];
  if (!first || !last || last.bytesReceived < first.bytesReceived) return {};
  return between(first, last);
}

/** Of the pictures that came in a row of the timeline, and of a picture that is still awaited at its end. */
function longestIntervalMs(
  framesMs: readonly number[],
  fromMs: number,
  toMs: number,
): number | undefined {
  let longest: number | undefined;
  let before: number | undefined;
  for (const atMs of framesMs) {
    if (atMs > toMs) break;
    if (atMs > fromMs && before !== undefined) longest = Math.max(longest ?? 0, atMs - before);
    before = atMs;
  }
  if (longest !== undefined || before === undefined) return longest;
  return toMs - before;
}
