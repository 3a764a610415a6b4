import { type CellName, cellKey } from '../cells.ts';
import { Distribution } from '../distribution.ts';
import { FIGURES } from '../figures.ts';
import type { DistributionName } from '../metrics.ts';
import type { BrowserName, Measurement, Result, Side } from '../result.ts';
import { figureOf, poolOf } from '../verdict/run-pool.ts';

/** Everything measured of one side of a cell. */
export class SideView {
  readonly side: Side;
  /** As heads of tables call it. */
  readonly label: string;
  /** As a person knows it. */
  readonly name: string;
  /** The ones that count. */
  readonly runs: readonly Measurement[];
  /** The ones that do not. */
  readonly failed: readonly Measurement[];
  readonly #figures = new Map<string, number | undefined>();
  readonly #readings = new Map<DistributionName, readonly Distribution[]>();

  constructor(
    { side, label, name }: Pick<SideView, 'side' | 'label' | 'name'>,
    runs: readonly Measurement[],
  ) {
    this.side = side;
    this.label = label;
    this.name = name;
    this.runs = runs.filter(({ problem }) => !problem);
    this.failed = runs.filter(({ problem }) => problem);
  }

  /** Of all runs merged; undefined where none measured it. */
  figure(name: string): number | undefined {
    if (!this.#figures.has(name)) this.#figures.set(name, this.#figureOf(name));
    return this.#figures.get(name);
  }

  /** Of all runs merged; undefined where none measured it. */
  distribution(name: DistributionName): Distribution | undefined {
    const readings = this.#readingsOf(name);
    return readings.length === 0 ? undefined : Distribution.merged(readings);
  }

  #figureOf(name: string): number | undefined {
    const figure = FIGURES.get(name);
    if (!figure) return undefined;
    const readings =
      figure.kind === 'distribution'
        ? this.#readingsOf(figure.metric)
        : this.runs.map(({ values }) => values[figure.metric]).filter((one) => one !== undefined);
    return readings.length === 0 ? undefined : figureOf(poolOf(figure, readings));
  }

  /** Read once for all that is asked of them: that takes most of a report's time. */
  #readingsOf(name: DistributionName): readonly Distribution[] {
    const known = this.#readings.get(name);
    if (known) return known;
    const read = this.runs
      .map(({ histograms }) => histograms[name])
      .filter((text) => text !== undefined)
      .map((text) => Distribution.decoded(text))
      .filter(({ count }) => count > 0);
    this.#readings.set(name, read);
    return read;
  }
}

/** A scenario over a network in a browser, with what is compared first. */
export interface CellView extends CellName {
  readonly sides: readonly SideView[];
}

/**
 * In the order in which they were measured.
 * @param baseline an earlier result, which stands where the other side would where there is none.
 */
export function cellsOf(
  { measurements, sides }: Pick<Result, 'measurements' | 'sides'>,
  baseline?: Result,
): CellView[] {
  const cells = new Map<string, Measurement[]>();
  for (const one of measurements) {
    const key = cellKey(one);
    const cell = cells.get(key);
    if (cell) cell.push(one);
    else cells.set(key, [one]);
  }
  return [...cells.values()].flatMap((all) => {
    const [first] = all;
    if (!first) return [];
    const { scenario, profile, browser } = first;
    const views = (['a', 'b'] as const).flatMap((side) => {
      const runs = all.filter((one) => one.side === side);
      return runs.length === 0
        ? []
        : [new SideView({ side, label: side, name: sides[side]?.name ?? side }, runs)];
    });
    const before = (baseline?.measurements ?? []).filter(
      (one) => one.side === 'b' && cellKey(one) === cellKey(first),
    );
    const earlier = before.length > 0 && views[0]?.side === 'b' ? [baselineView(before)] : [];
    return [{ scenario, profile, browser, sides: [...earlier, ...views] }];
  });
}

function baselineView(runs: readonly Measurement[]): SideView {
  return new SideView({ side: 'a', label: 'baseline', name: 'baseline' }, runs);
}

const BROWSER_NAMES: Readonly<Record<BrowserName, string>> = {
  chromium: 'Chromium',
  firefox: 'Firefox',
};

/** `skimmer over lan, Chromium` */
export function cellTitle({ scenario, profile, browser }: CellName): string {
  return `${scenario} over ${profile}, ${BROWSER_NAMES[browser]}`;
}
