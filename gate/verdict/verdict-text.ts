import { differenceText, figureText, plural, rangeText } from '../figure-text.ts';
import type { Figure } from '../figures.ts';
import type { Verdict } from '../result.ts';

interface Obstacles {
  readonly otherMachine: string | undefined;
  /** Of a run that does not count. */
  readonly problem: string | undefined;
}

/** Why the outcome is what it is, and what to do about it. */
export function explain(
  figure: Figure,
  verdict: Omit<Verdict, 'why'>,
  { otherMachine, problem }: Obstacles,
): string {
  const { measured, outcome, kind, runs } = verdict;
  if (measured === undefined || (kind !== 'limit' && verdict.reference === undefined)) {
    return [`${missingText(verdict)}.`, problem].filter(Boolean).join(' ');
  }
  const found = foundText(figure, verdict, measured);
  if (otherMachine) {
    return `${found}. The baseline is of another machine (${otherMachine}): make one here, or compare two versions with --against.`;
  }
  if (outcome === 'pass') return `${found}; ${verdict.allowed} is allowed.`;
  if (outcome === 'fail') return `${found}; only ${verdict.allowed} is allowed.`;
  const what = kind === 'against' ? `${plural(runs, 'pair')} of runs` : plural(runs, 'run');
  const counted = `${what} ${runs === 1 ? 'does' : 'do'} not decide`;
  const next = verdict.moreRuns
    ? `about ${verdict.moreRuns} more would decide`
    : 'it is too near to what is allowed for any number of runs to decide';
  return `${found}; ${verdict.allowed} is allowed, which ${counted}: ${next}.`;
}

function missingText({ kind, measured }: Omit<Verdict, 'why'>): string {
  if (kind === 'limit') return 'No run measured it';
  if (kind === 'against') return 'No pair of runs measured it on both sides';
  return measured === undefined
    ? 'No run measured it'
    : 'The baseline does not have it: make one with this scenario, network and browser';
}

function foundText(
  { unit, better }: Figure,
  { kind, reference, difference, excess }: Omit<Verdict, 'why'>,
  measured: number,
): string {
  const now = figureText(measured, unit);
  if (reference !== undefined) {
    const before = `${figureText(reference, unit)} ${kind === 'baseline' ? 'in the baseline' : 'with a'}`;
    const by = difference
      ? `: ${differenceText(difference.estimate, unit)} (${rangeText(difference.low, difference.high, unit, true)})`
      : '';
    return `${now}, ${before}${by}`;
  }
  if (!excess) return now;
  // The limit is where the excess is 0.
  const sign = better === 'less' ? 1 : -1;
  const ends = [excess.low, excess.high].map((end) => measured + sign * (end - excess.estimate));
  return `${now} (${rangeText(Math.min(...ends), Math.max(...ends), unit)})`;
}
