import { RockpoolError } from '../protocol/errors.ts';
import type { BrowserPool } from './browser/browser-pool.ts';
import { type Cell, cellKey, cellsOf, cellText, nameOf } from './cells.ts';
import { describeVersions } from './machine/describe-machine.ts';
import { measureAll } from './measure/measure-all.ts';
import type { Target } from './measure/measure-run.ts';
import { SeededRandom } from './network/seeded-random.ts';
import type { DrawSource } from './quality/picture-quality.ts';
import {
  type BrowserName,
  emptyMeasurement,
  type Measurement,
  RESULT_SCHEMA_VERSION,
  type Result,
} from './result.ts';
import type { Scenario } from './scenario.ts';
import { offeredGames } from './target/rockpool-address.ts';
import type { BudgetFile } from './verdict/budgets.ts';
import { judge } from './verdict/judge.ts';

/** A Rockpool to be played, and what a person calls it. */
export interface PlayedSide {
  readonly target: Target;
  readonly judged: Result['sides']['b'];
}

export interface GateRequest {
  /** As it was typed. */
  readonly command: string;
  readonly scenarios: readonly Scenario[];
  /** Whether somebody named them: one that cannot be played is a problem then, and left out otherwise. */
  readonly named: boolean;
  /** In place of those that scenarios name. */
  readonly profiles: readonly string[] | undefined;
  readonly browsers: readonly BrowserName[] | undefined;
  readonly seconds: number | undefined;
  /** Of each side. */
  readonly runs: number;
  readonly sides: { readonly a?: PlayedSide; readonly b: PlayedSide };
  readonly budgets: BudgetFile | undefined;
  readonly baseline: Result | undefined;
  /** Of what was asked for, what only a reader of the result needs. */
  readonly asked: Pick<Result['options'], 'url' | 'against' | 'baseline' | 'budgets'>;
  readonly machine: Result['machine'];
}

/** Where a gate tells how far it is, and keeps what it opens. */
export interface GateSurroundings {
  readonly browsers: BrowserPool;
  readonly tell: (line: string) => void;
  /** Draws the pictures of the calibration scene again; quality is not measured where left out. */
  readonly drawSource?: DrawSource;
  /** Aborted where nobody waits for the rest: what was measured so far is the result then. */
  readonly signal: AbortSignal;
}

/** Chance is drawn alike at every call: the same result is judged the same. */
const VERDICT_SEED = 1;

/**
 * Plays everything that was asked for and judges it. What could not be measured is in the result as a
 * problem; nothing that was measured is lost.
 */
export async function runGate(
  request: GateRequest,
  { browsers, tell, drawSource, signal }: GateSurroundings,
): Promise<Result> {
  const startedAt = new Date().toISOString();
  const notes: string[] = [];
  const { played, problems } = await divide(request, notes);
  const cells = cellsOf(played, request);
  const targets = {
    b: request.sides.b.target,
    ...(request.sides.a && { a: request.sides.a.target }),
  };
  const measurements = [...problems];
  const plan = { cells, targets, runs: request.runs, seconds: request.seconds, drawSource };
  try {
    for await (const measurement of measureAll(plan, browsers, tell, signal)) {
      if (measurement.problem?.code === 'stopped') break;
      measurements.push(measurement);
      if (measurement.problem) tell(`  ${measurement.problem.what}`);
    }
  } catch (error) {
    // A browser that does not start: what was measured before it is still told.
    notes.push(error instanceof RockpoolError ? error.message : String(error));
    measurements.push(...unmeasured(cells, measurements, startedAt, error));
  }
  if (signal.aborted) notes.push('This was stopped before its end.');
  const versions = { ...(await describeVersions()), browsers: browsers.versions };
  const { machine, command, budgets, baseline } = request;
  const verdicts = budgets
    ? judge(
        { measurements, machine, versions },
        {
          budgets,
          ...(baseline && { baseline }),
          newRandom: () => new SeededRandom(VERDICT_SEED),
        },
      )
    : [];
  const { a, b } = request.sides;
  return {
    schemaVersion: RESULT_SCHEMA_VERSION,
    startedAt,
    endedAt: new Date().toISOString(),
    command,
    machine,
    versions,
    sides: { ...(a && { a: a.judged }), b: b.judged },
    options: optionsOf(request, cells),
    measurements,
    verdicts,
    notes,
  };
}

/** Of a result, what its exit code follows from. */
type GateOutcome = Pick<Result, 'verdicts' | 'measurements'> & {
  readonly options: Pick<Result['options'], 'runs'>;
};

/** Exit code of a gate: 1 where a budget failed, 2 where something could not be measured, 0 otherwise. */
export function exitCodeOf(
  { verdicts, measurements, options }: GateOutcome,
  budgets: BudgetFile | undefined,
  stopped: boolean,
): 0 | 1 | 2 {
  const fails = (outcome: string) =>
    outcome === 'fail' || (outcome === 'undecided' && budgets?.undecided === 'fail');
  if (verdicts.some(({ outcome }) => fails(outcome))) return 1;
  if (stopped || measurements.length === 0) return 2;
  return unusable(measurements, options.runs) ? 2 : 0;
}

/** One run of eight may be spoilt; a cell without any run that counts was not measured. */
function unusable(measurements: Result['measurements'], runs: number): boolean {
  const usable = new Map<string, number>();
  for (const one of measurements) {
    const key = `${one.side} ${cellKey(one)}`;
    usable.set(key, (usable.get(key) ?? 0) + (one.problem ? 0 : 1));
  }
  return [...usable.values()].some((count) => count === 0 || count < runs / 2);
}

/** Scenarios whose game there is, and what becomes of the others. */
async function divide(
  { scenarios, named, sides, profiles, browsers }: GateRequest,
  notes: string[],
): Promise<{ played: Scenario[]; problems: Result['measurements'] }> {
  const played: Scenario[] = [];
  const problems: Result['measurements'] = [];
  const all = [sides.b, ...(sides.a ? [sides.a] : [])];
  const offers = await Promise.all(
    all.map(async ({ target, judged }) => ({ judged, games: await offeredGames(target.url) })),
  );
  for (const scenario of scenarios) {
    const lacking = offers.find(({ games }) => !games.has(scenario.game));
    if (!lacking) {
      played.push(scenario);
      continue;
    }
    const games = [...lacking.games].join(', ') || 'no game at all';
    const what = `${lacking.judged.name} does not offer ${scenario.game}, which ${scenario.name} plays. It offers: ${games}.`;
    if (!named) {
      notes.push(`Left out: ${what}`);
      continue;
    }
    const startedAt = new Date().toISOString();
    const cells = cellsOf([scenario], { profiles, browsers });
    problems.push(
      ...cells.map((cell) => problemOf(cell, startedAt, { code: 'game-not-offered', what })),
    );
  }
  return { played, problems };
}

function problemOf(
  cell: Cell,
  startedAt: string,
  problem: NonNullable<Measurement['problem']>,
): Measurement {
  return { ...emptyMeasurement({ ...nameOf(cell), side: 'b', run: 1, startedAt }), problem };
}

/** Cells of which there is no measurement because a browser did not start. */
function unmeasured(
  cells: readonly Cell[],
  measurements: Result['measurements'],
  startedAt: string,
  error: unknown,
): Result['measurements'] {
  const what = error instanceof Error ? error.message : String(error);
  const measured = new Set(measurements.map(cellKey));
  return cells
    .filter((cell) => !measured.has(cellKey(nameOf(cell))))
    .map((cell) =>
      problemOf(cell, startedAt, { code: 'broken', what: `${cellText(cell)}: ${what}` }),
    );
}

function optionsOf(
  { scenarios, runs, seconds, asked }: GateRequest,
  cells: readonly Cell[],
): Result['options'] {
  return {
    scenarios: scenarios.map(({ name }) => name),
    profiles: [...new Set(cells.map(({ profile }) => profile))],
    browsers: [...new Set(cells.map(({ browser }) => browser))],
    runs,
    ...(seconds !== undefined && { seconds }),
    ...asked,
  };
}
