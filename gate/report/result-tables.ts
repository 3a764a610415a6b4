import { LATENCY_STAGES } from '../../protocol/latency-stages.ts';
import { differenceText, figureText, rangeText } from '../figure-text.ts';
import { FIGURES, type Figure } from '../figures.ts';
import { VALUE_NAMES } from '../metrics.ts';
import type { Result, Verdict } from '../result.ts';
import { type CellView, cellTitle, type SideView } from './cells.ts';
import { OUTCOME_WORDS } from './summary.ts';
import type { Table } from './table.ts';

const NONE = '–';

/** What everybody asks first; where the heading says the unit, cells do without. */
const OVERVIEW = [
  ['p50', 'clickToPhoton.p50Ms', true],
  ['p95', 'clickToPhoton.p95Ms', true],
  ['first picture', 'firstFrameMs', true],
  ['frames/s', 'framesPerSecond', false],
  ['1 % low', 'lowFramesPerSecond', false],
  ['freezes/min', 'freezesPerMinute', false],
  ['bit rate', 'bitrateBps', true],
] as const;

function textOf(side: SideView | undefined, name: string): string {
  const value = side?.figure(name);
  const figure = FIGURES.get(name);
  return value === undefined || !figure ? NONE : figureText(value, figure.unit);
}

/** A line for each cell and side. */
export function overviewTable(cells: readonly CellView[]): Table {
  const compared = cells.some(({ sides }) => sides.length > 1);
  return {
    title: 'Click to photon and the rest',
    head: [
      'scenario, network, browser',
      ...(compared ? ['side'] : []),
      'runs',
      ...OVERVIEW.map(([title]) => title),
    ],
    rows: cells.flatMap((cell) =>
      cell.sides.map((side) => [
        cellTitle(cell),
        ...(compared ? [side.label] : []),
        String(side.runs.length),
        ...OVERVIEW.map(([, name, withUnit]) => {
          const text = textOf(side, name);
          return withUnit ? text : text.replace(/ .*/, '');
        }),
      ]),
    ),
  };
}

const SHOWN: readonly string[] = [
  ...['clickToPhoton', 'clickToPhotonPixels', 'frameInterval'].flatMap((name) =>
    ['p50Ms', 'p95Ms', 'p99Ms'].map((statistic) => `${name}.${statistic}`),
  ),
  ...VALUE_NAMES,
];

/** Every figure that was measured, and by how much the sides differ. */
export function figureTable(cell: CellView): Table {
  return comparison(`All figures: ${cellTitle(cell)}`, cell.sides, SHOWN);
}

/** Each stage; percentiles of stages do not add up to that of the whole, so the mean stands beside. */
export function stageTable(cell: CellView): Table {
  const names = LATENCY_STAGES.flatMap((stage) => [`${stage}.meanMs`, `${stage}.p95Ms`]);
  return comparison(`Stages: ${cellTitle(cell)}`, cell.sides, names);
}

function comparison(title: string, sides: readonly SideView[], names: readonly string[]): Table {
  const measured = names
    .map((name) => FIGURES.get(name))
    .filter((figure): figure is Figure => figure !== undefined)
    .filter(({ name }) => sides.some((side) => side.figure(name) !== undefined));
  const [a, b] = sides;
  return {
    title,
    head: [
      'figure',
      ...sides.map(({ label, name }) => (sides.length > 1 ? label : name)),
      ...(b ? [`b − ${a?.label}`] : []),
    ],
    rows: measured.map(({ name, title: of, unit }) => {
      const [first, second] = [a?.figure(name), b?.figure(name)];
      const difference =
        first === undefined || second === undefined ? NONE : differenceText(second - first, unit);
      return [of, ...sides.map((side) => textOf(side, name)), ...(b ? [difference] : [])];
    }),
  };
}

/** What became of each budget, worst first. */
export function verdictTable({ verdicts }: Pick<Result, 'verdicts'>): Table {
  return {
    title: 'Budgets',
    head: [
      'budget',
      'where',
      'measured',
      'compared with',
      'difference',
      'allowed',
      'runs',
      'verdict',
    ],
    rows: worstFirst(verdicts).map((verdict) => {
      const figure = FIGURES.get(verdict.figure);
      const text = (value: number | undefined) =>
        value === undefined || !figure ? NONE : figureText(value, figure.unit);
      return [
        figure?.title ?? verdict.figure,
        cellTitle(verdict),
        text(verdict.measured),
        verdict.kind === 'limit'
          ? NONE
          : `${text(verdict.reference)} (${verdict.kind === 'against' ? 'a' : 'baseline'})`,
        differenceOf(verdict, figure),
        verdict.allowed,
        verdict.moreRuns ? `${verdict.runs} (${verdict.moreRuns} more)` : String(verdict.runs),
        OUTCOME_WORDS[verdict.outcome],
      ];
    }),
  };
}

function differenceOf({ difference }: Verdict, figure: Figure | undefined): string {
  if (!difference || !figure) return NONE;
  const { estimate, low, high } = difference;
  const range = rangeText(low, high, figure.unit, true);
  return `${differenceText(estimate, figure.unit)} (${range})`;
}

const SEVERITY: Readonly<Record<Verdict['outcome'], number>> = { fail: 0, undecided: 1, pass: 2 };

/** The same order within each outcome as in the result. */
export function worstFirst(verdicts: readonly Verdict[]): Verdict[] {
  return verdicts.toSorted((one, other) => SEVERITY[one.outcome] - SEVERITY[other.outcome]);
}
