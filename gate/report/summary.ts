import { plural } from '../figure-text.ts';
import type { Result, Verdict } from '../result.ts';
import { cellTitle } from './cells.ts';

/** A word for each outcome, and a sign for who does not tell colours apart. */
export const OUTCOME_WORDS: Readonly<Record<Verdict['outcome'], string>> = {
  pass: '✓ pass',
  fail: '✗ fail',
  undecided: '? undecided',
};

/** The gist in a sentence. */
export function headline({ verdicts, measurements }: Result): string {
  const problems = measurements.filter(({ problem }) => problem).length;
  const lost = problems > 0 ? ` ${plural(problems, 'run')} could not be used.` : '';
  if (verdicts.length === 0) return `Measured; no budget applied.${lost}`;
  const count = (outcome: Verdict['outcome']) =>
    verdicts.filter((verdict) => verdict.outcome === outcome).length;
  const [failed, undecided] = [count('fail'), count('undecided')];
  const all = plural(verdicts.length, 'budget');
  if (failed > 0) return `${failed} of ${all} failed${andUndecided(undecided)}.${lost}`;
  if (undecided > 0) return `Nothing failed; ${undecided} of ${all} undecided.${lost}`;
  return `${verdicts.length === 1 ? 'The one budget holds' : `All ${all} hold`}.${lost}`;
}

function andUndecided(count: number): string {
  return count > 0 ? `, ${count} undecided` : '';
}

/** Why runs could not be used, a line each. */
export function unusedRuns({ measurements }: Result): string[] {
  return measurements.flatMap((one) =>
    one.problem ? [`run ${one.run} of ${one.side}, ${cellTitle(one)}: ${one.problem.what}`] : [],
  );
}

/** Where it was measured, in a line. */
export function machineText({ machine, versions }: Result): string {
  const browsers = Object.values(versions.browsers);
  return [
    `${plural(machine.cores, 'core')} (${machine.model})`,
    `${machine.memoryGiB} GiB`,
    machine.system,
    `Node ${versions.node}`,
    ...browsers,
    `Rockpool ${versions.rockpool} (protocol ${versions.protocol})`,
  ].join(', ');
}

/** Half a core of something else shows in every figure. */
const BUSY_LOAD = 0.5;

/** What a reader of the figures needs to know before anything else. */
export function warnings({ machine, notes }: Result): string[] {
  const busy =
    machine.loadBefore > BUSY_LOAD
      ? [
          `The machine was not quiet: its load was ${machine.loadBefore.toFixed(1)} before this began. The figures are worse than they should be.`,
        ]
      : [];
  return [...busy, ...notes];
}

/** What the measuring itself cost, in a line; undefined where no run tells. */
export function harnessText({ measurements, machine }: Result): string | undefined {
  const costs = measurements.flatMap(({ values }) => values.harnessCpuCores ?? []);
  if (costs.length === 0) return undefined;
  const most = Math.max(...costs).toPrecision(2);
  return `Measuring itself took ${most} of ${plural(machine.cores, 'core')} at most.`;
}

/** What was compared, in words; undefined where nothing was. */
export function sidesText({ sides }: Result): string | undefined {
  const name = ({ name: of, commit }: NonNullable<Result['sides']['a']>) => {
    if (commit === undefined) return of;
    const short = commit.slice(0, 10);
    return commit.startsWith(of) ? short : `${of} (${short})`;
  };
  return sides.a ? `a: ${name(sides.a)}; b: ${name(sides.b)}` : undefined;
}
