import { LATENCY_STAGES, type LatencyStage } from '../../protocol/latency-stages.ts';
import {
  type BuildComparison,
  type LatencyDifference,
  MIN_COMPARED_SESSIONS,
} from '../../protocol/studio-insight.ts';
import { formatMs } from './display-units.ts';

export const STAGE_WORDS: Readonly<Record<LatencyStage, string>> = {
  uplink: 'Input on its way',
  wait: 'Wait for the next tick',
  render: 'Game draws',
  encode: 'Encode',
  network: 'Picture on its way',
  decode: 'Buffer and decode',
  present: 'Browser shows it',
};

/** "Build 41 is 6 ms slower than build 40, p95": what two builds' sessions say, and no more. */
export function comparisonHeadline({ newer, older, verdict, p95 }: BuildComparison): string {
  const [one, other] = [`Build ${newer.number}`, `build ${older.number}`];
  switch (verdict) {
    case 'slower':
    case 'faster':
      return `${one} is ${formatMs(Math.abs(p95?.differenceMs ?? 0))} ms ${verdict} than ${other} at p95`;
    case 'alike':
      return `No difference between ${one.toLowerCase()} and ${other} that is more than chance`;
    case 'too-few':
      return `Too few sessions to compare ${one.toLowerCase()} with ${other}`;
  }
}

/** From how much that follows, and what it does not say. */
export function comparisonBasis({ newer, older, verdict, p50, p95 }: BuildComparison): string {
  const against = `${sessionsWords(newer.sessions)} against ${older.sessions}`;
  if (verdict === 'too-few' || !p50 || !p95) {
    return `${against} that measured their delay; it takes ${MIN_COMPARED_SESSIONS} of each. Release the newer one to more players, or look at more days.`;
  }
  return `${against}. p95 ${rangeWords(p95)}, p50 ${rangeWords(p50)}, 19 times of 20. Players, regions and networks may differ as well: filter to compare like with like.`;
}

export function sessionsWords(count: number): string {
  return count === 1 ? '1 session' : `${count} sessions`;
}

export function playersWords(count: number): string {
  return count === 1 ? '1 player' : `${count} players`;
}

/** "+6.2 ms (+2.1 to +9.8)" */
export function rangeWords({ differenceMs, lowMs, highMs }: LatencyDifference): string {
  return `${signedMs(differenceMs)} ms (${signedMs(lowMs)} to ${signedMs(highMs)})`;
}

/** With a true minus, and without a sign where it is nothing. */
export function signedMs(ms: number): string {
  const text = formatMs(Math.abs(ms));
  if (Number(text) === 0) return '0';
  return ms < 0 ? `−${text}` : `+${text}`;
}

/** By how much the stages of the usual session differ, the largest first; those that tell nothing left out. */
export function stageChanges({ newer, older }: BuildComparison): {
  readonly stage: LatencyStage;
  readonly changeMs: number;
}[] {
  const [mine, theirs] = [newer.stagesMs, older.stagesMs];
  if (!mine || !theirs) return [];
  return LATENCY_STAGES.map((stage) => ({ stage, changeMs: mine[stage] - theirs[stage] }))
    .filter(({ changeMs }) => Math.abs(changeMs) >= 0.5)
    .sort((a, b) => Math.abs(b.changeMs) - Math.abs(a.changeMs));
}

/** "1 h 5 min" would take a column too many: "65 min", and hours from two days' worth on. */
export function minutesWords(lastedMs: number): string {
  const minutes = Math.round(lastedMs / 60_000);
  return minutes < 6_000 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** "chrome 138" → "Chrome 138". */
export function browserWords(browser: string | null): string {
  if (browser === null) return 'not told';
  if (browser === 'other') return 'Another';
  return `${browser.charAt(0).toUpperCase()}${browser.slice(1)}`;
}

/** A figure, or a dash where nothing measured it. */
export function figureWords(value: number | null, digits = 0): string {
  return value === null ? '–' : value.toFixed(digits);
}
