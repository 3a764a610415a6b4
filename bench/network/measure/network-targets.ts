import type { LinkSample } from '../../../gate/network/link-statistics.ts';
import type { Target } from '../../support/target.ts';
import { stepResponse } from './rate-steps.ts';
import type { RunSummary } from './run-summary.ts';

/** Good lines: a press is shown within the round trip and this, and nothing freezes. */
const GOOD_LINES = new Set(['lan', 'fibre', 'cable']);
const BEYOND_ROUND_TRIP_MS = 45;

/** Lines that lose packets in bursts. */
const LOSSY_LINES = new Set(['wifi', 'lossy']);
const FROZEN_PERCENT = 1;
const LOSSY_FREEZE_MS = 300;

const STEP_LINE = 'step';
const STEP_QUEUE_MS = 120;
const STEP_RECOVERY_S = 10;
const STEP_FREEZE_MS = 500;

/** What was measured over one profile. */
export interface ProfileResult {
  readonly profile: string;
  /** Of the profile, both ways, without queues. */
  readonly roundTripMs: number;
  readonly ours: RunSummary;
  /** The link under our sender. */
  readonly link: readonly LinkSample[];
  readonly baselines: readonly RunSummary[];
}

/** What Rockpool promises over one profile. Nothing is said of what was not measured. */
export function profileTargets(result: ProfileResult): Target[] {
  return [
    ...comparisons(result),
    ...goodLine(result),
    ...lossyLine(result),
    ...steppedLine(result),
  ];
}

function comparisons({ profile, ours, baselines }: ProfileResult): Target[] {
  if (baselines.length === 0) return [];
  const better = (of: (summary: RunSummary) => number) => rounded(Math.min(...baselines.map(of)));
  return [
    {
      what: `${profile}: p95, against the better baseline`,
      measured: ours.latencyP95Ms,
      limit: better(({ latencyP95Ms }) => latencyP95Ms),
      unit: 'ms',
    },
    {
      what: `${profile}: frozen time, against the better baseline`,
      measured: ours.frozenMs,
      limit: better(({ frozenMs }) => frozenMs),
      unit: 'ms',
    },
  ];
}

function goodLine({ profile, roundTripMs, ours }: ProfileResult): Target[] {
  if (!GOOD_LINES.has(profile)) return [];
  return [
    {
      what: `${profile}: p95, round trip of ${roundTripMs} ms + ${BEYOND_ROUND_TRIP_MS} ms`,
      measured: ours.latencyP95Ms,
      limit: roundTripMs + BEYOND_ROUND_TRIP_MS,
      unit: 'ms',
    },
    { what: `${profile}: freezes`, measured: ours.freezes, limit: 0, unit: '' },
  ];
}

function lossyLine({ profile, ours }: ProfileResult): Target[] {
  if (!LOSSY_LINES.has(profile)) return [];
  const percent = 100 * ours.frozenShare;
  return [
    { what: `${profile}: frozen`, measured: percent, limit: FROZEN_PERCENT, unit: '%' },
    longestFreeze(profile, ours, LOSSY_FREEZE_MS),
  ];
}

function steppedLine({ profile, ours, link }: ProfileResult): Target[] {
  if (profile !== STEP_LINE) return [];
  const targets = [longestFreeze(profile, ours, STEP_FREEZE_MS)];
  const response = stepResponse(link);
  if (!response) return targets;
  targets.push({
    what: `${profile}: queueing delay p95, from 2 s after the drop`,
    measured: response.queueDelayP95Ms,
    limit: STEP_QUEUE_MS,
    unit: 'ms',
  });
  // A measurement that ended too soon says nothing against a sender that was still on its way.
  const recovered = Number.isFinite(response.recoveryMs);
  if (recovered || response.watchedMs >= STEP_RECOVERY_S * 1000) {
    targets.push({
      what: `${profile}: from the rise to 80 % of the link in use`,
      measured: response.recoveryMs / 1000,
      limit: STEP_RECOVERY_S,
      unit: 's',
    });
  }
  return targets;
}

function longestFreeze(profile: string, ours: RunSummary, limit: number): Target {
  return { what: `${profile}: longest freeze`, measured: ours.longestFreezeMs, limit, unit: 'ms' };
}

/** Up to the next tenth: closer than that, two measurements are the same. */
function rounded(ms: number): number {
  return Math.ceil(ms * 10) / 10;
}
