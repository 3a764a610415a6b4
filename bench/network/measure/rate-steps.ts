import type { LinkSample } from '../../../gate/network/link-statistics.ts';
import { meanRateBps, queueDelayP95 } from './run-summary.ts';

/** Packets that were under way at the drop are through after this. */
const GRACE_MS = 2000;
/** The rate over this time is what is in use: a second, as no single frame decides it. */
const WINDOW_MS = 1000;
/** Of the link's rate. */
const IN_USE = 0.8;
/** A rate that moves by less is the same one: the sample in which it changes has part of both. */
const SAME_RATE = 0.01;

/** How a sender met a link whose rate falls and comes back. */
export interface StepResponse {
  /** From 2 s after the drop until the rise. */
  readonly queueDelayP95Ms: number;
  /** From the rise until four fifths of the link are in use; infinite where they never are. */
  readonly recoveryMs: number;
  /** How long the measurement went on after the rise. */
  readonly watchedMs: number;
}

/** @returns undefined where the rate does not fall and rise again in `link`. */
export function stepResponse(link: readonly LinkSample[]): StepResponse | undefined {
  const dropMs = firstChange(link, (before, now) => now < before * (1 - SAME_RATE));
  if (dropMs === undefined) return undefined;
  const below = link.filter(({ atMs }) => atMs >= dropMs);
  const riseMs = firstChange(below, (before, now) => now > before * (1 + SAME_RATE));
  if (riseMs === undefined) return undefined;
  const narrow = below.filter(({ atMs }) => atMs >= dropMs + GRACE_MS && atMs < riseMs);
  const after = below.filter(({ atMs }) => atMs >= riseMs);
  return {
    queueDelayP95Ms: queueDelayP95(narrow),
    recoveryMs: timeToUse(after),
    watchedMs: (after.at(-1)?.atMs ?? riseMs) - riseMs,
  };
}

type IsChange = (beforeBps: number, nowBps: number) => boolean;

function firstChange(link: readonly LinkSample[], isChange: IsChange): number | undefined {
  return link.find(({ capacityBps }, i) => {
    const before = link[i - 1];
    return before && isChange(before.capacityBps, capacityBps);
  })?.atMs;
}

/** From the first sample to the end of the first window in which enough of the link is in use. */
function timeToUse(link: readonly LinkSample[]): number {
  const fromMs = link[0]?.atMs ?? 0;
  for (const { atMs } of link) {
    if (atMs - fromMs < WINDOW_MS) continue;
    const window = link.filter((one) => one.atMs >= atMs - WINDOW_MS && one.atMs < atMs);
    const capacityBps = window.reduce((sum, one) => sum + one.capacityBps, 0) / window.length;
    if (meanRateBps(window) >= IN_USE * capacityBps) return atMs - fromMs;
  }
  return Number.POSITIVE_INFINITY;
}
