import { Distribution } from '../../gate/distribution.ts';
import type { SeededRandom } from '../../gate/network/seeded-random.ts';
import type { Result } from '../../gate/result.ts';
import type { MakeRun } from './trials.ts';

/** Runs of one scenario, network and browser, in the order in which they were made. */
export interface RecordedRuns {
  readonly name: string;
  readonly runs: readonly Distribution[];
}

/** Fewer say too little of how far runs vary to draw new ones from them. */
const FEWEST_RUNS = 10;

/** Everything of a result that was not changed between its runs: one version alone. */
export function recordedRuns({ measurements }: Result): RecordedRuns[] {
  const cells = new Map<string, { startedAt: string; run: Distribution }[]>();
  for (const { scenario, profile, browser, side, histograms, problem, startedAt } of measurements) {
    if (side !== 'b' || problem || histograms.clickToPhoton === undefined) continue;
    const name = `${scenario}, ${profile}, ${browser}`;
    const run = Distribution.decoded(histograms.clickToPhoton);
    cells.set(name, [...(cells.get(name) ?? []), { startedAt, run }]);
  }
  return [...cells]
    .map(([name, all]) => ({
      name,
      runs: all
        .toSorted((one, other) => one.startedAt.localeCompare(other.startedAt))
        .map(({ run }) => run),
    }))
    .filter(({ runs }) => runs.length >= FEWEST_RUNS);
}

/** A distribution in which everything took longer by as much. */
export function slowed(run: Distribution, byMs: number): Distribution {
  const slower = new Distribution();
  for (const { us, count } of run.buckets()) {
    for (let i = 0; i < count; i++) slower.record(us / 1000 + byMs);
  }
  return slower;
}

/**
 * Draws runs in pairs of neighbours, as they were made: what two runs right after one another have in
 * common is not lost. Which of the two is first is chance.
 */
export function drawFrom({ runs }: RecordedRuns, random: SeededRandom): MakeRun {
  let waiting: Distribution | undefined;
  return (slowerMs) => {
    let run = waiting;
    waiting = undefined;
    if (!run) {
      const at = Math.floor(random.next() * (runs.length - 1));
      const [first, second] = random.next() < 0.5 ? [at, at + 1] : [at + 1, at];
      run = runs[first];
      waiting = runs[second];
    }
    if (!run) throw new RangeError('no runs were recorded');
    return slowerMs === 0 ? run : slowed(run, slowerMs);
  };
}
