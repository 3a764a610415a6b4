import type { BrowserPool } from '../browser/browser-pool.ts';
import { type Cell, cellText } from '../cells.ts';
import { systemClock } from '../clock.ts';
import { Progress } from '../progress.ts';
import type { DrawSource } from '../quality/picture-quality.ts';
import type { Measurement, Side } from '../result.ts';
import { sidesInTurn } from '../verdict/run-plan.ts';
import { measureRun, type Target } from './measure-run.ts';

/** Until there is a picture, and until everything has ended. */
const AROUND_A_RUN_S = 8;

export interface MeasurePlan {
  readonly cells: readonly Cell[];
  readonly targets: { readonly a?: Target; readonly b: Target };
  /** Of each side. */
  readonly runs: number;
  /** Of one run; the scenario's own where left out. */
  readonly seconds: number | undefined;
  readonly drawSource: DrawSource | undefined;
}

/**
 * Measures everything, one run at a time. Runs that are compared are neighbours: both sides of one
 * cell before the next cell, all cells before the next run, so that a machine that changes its pace
 * changes it for all.
 * @param tell gets a line for each run that begins.
 */
export async function* measureAll(
  { cells, targets, runs, seconds, drawSource }: MeasurePlan,
  browsers: BrowserPool,
  tell: (line: string) => void,
  signal: AbortSignal,
): AsyncGenerator<Measurement> {
  const { a, b } = targets;
  const each = cells.map(({ scenario }) => (seconds ?? scenario.seconds) + scenario.settleSeconds);
  const meanS = each.reduce((sum, s) => sum + s, 0) / Math.max(1, each.length) + AROUND_A_RUN_S;
  const progress = new Progress(cells.length * runs * (a ? 2 : 1), meanS, systemClock);
  for (let run = 1; run <= runs; run++) {
    for (const cell of cells) {
      for (const side of a ? sidesInTurn(run) : (['b'] as const)) {
        if (signal.aborted) return;
        tell(progress.next(runText(cell, side, run, runs, a !== undefined)));
        const target = side === 'a' && a ? a : b;
        const browser = await browsers.get(cell.browser);
        yield await measureRun(
          { ...cell, side, run },
          { browser, target, seconds, drawSource, signal },
        );
      }
    }
  }
}

function runText(cell: Cell, side: Side, run: number, runs: number, compared: boolean): string {
  const which = compared ? `, ${side}` : '';
  return runs === 1 ? `${cellText(cell)}${which}` : `${cellText(cell)}, run ${run}${which}`;
}
