import type { Distribution } from '../distribution.ts';
import { figureText } from '../figure-text.ts';
import type { Side } from '../result.ts';
import { element } from './markup.ts';
import { frame, line, type PlotArea, type Point, roundUp, xAxis, xOf } from './plot.ts';

export interface DrawnDistribution {
  readonly side: Side;
  readonly distribution: Distribution;
}

/** A phone's width less its margins: there a unit is a pixel. */
const WIDTH = 340;
const HEIGHT = 160;
const MARGIN = { left: 24, right: 6, top: 24, bottom: 16 };
const BINS = 62;
const X_PARTS = 4;
const Y_PARTS = 2;
/** What is beyond is counted in the last bin: a few stragglers would press all others together. */
const SHOWN_PERCENT = 99.5;
const MARKED = [50, 95] as const;

/** Shares of all readings over their length, each side a line, with p50 and p95 marked below. */
export function distributionPlot(drawn: readonly DrawnDistribution[], title: string): string {
  const to = roundUp(
    Math.max(1, ...drawn.map(({ distribution }) => distribution.percentile(SHOWN_PERCENT))),
    X_PARTS,
  );
  const shares = drawn.map(({ side, distribution }) => ({
    side,
    distribution,
    shares: sharesOf(distribution, to),
  }));
  const most = Math.max(...shares.flatMap(({ shares: of }) => of));
  const area: PlotArea = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: WIDTH - MARGIN.left - MARGIN.right,
    height: HEIGHT - MARGIN.top - MARGIN.bottom,
    x: [0, to],
    yMax: roundUp(most, Y_PARTS),
  };
  const curves = shares.map(({ side, shares: of }) => line(area, outline(of, to), `side ${side}`));
  const marks = shares.flatMap(({ side, distribution }) =>
    MARKED.map((percent) => mark(area, side, distribution.percentile(percent), percent)),
  );
  return element(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': describe(drawn, title) },
    [frame(area, title, '% of all', Y_PARTS), ...curves, ...marks, xAxis(area, 'ms')].join(''),
  );
}

/** Percent of all readings in each bin. */
function sharesOf(distribution: Distribution, to: number): number[] {
  const shares = new Array<number>(BINS).fill(0);
  for (const { us, count } of distribution.buckets()) {
    const bin = Math.min(BINS - 1, Math.floor((us / 1000 / to) * BINS));
    shares[bin] = (shares[bin] ?? 0) + (100 * count) / distribution.count;
  }
  return shares;
}

/** The edges of the bins, as one line from the ground to the ground. */
function outline(shares: readonly number[], to: number): Point[] {
  const edges = shares.flatMap((y, bin) => [
    { x: (bin / BINS) * to, y },
    { x: ((bin + 1) / BINS) * to, y },
  ]);
  return [{ x: 0, y: 0 }, ...edges, { x: to, y: 0 }];
}

function mark(area: PlotArea, side: Side, ms: number, percent: number): string {
  const x = xOf(area, Math.min(ms, area.x[1]));
  const bottom = area.top + area.height;
  return element('path', {
    class: `mark side ${side} p${percent}`,
    d: `M${x} ${area.top}V${bottom}`,
  });
}

/** In words, for who does not see it. */
function describe(drawn: readonly DrawnDistribution[], title: string): string {
  const told = drawn.map(({ side, distribution }) => {
    const [p50, p95, p99] = [50, 95, 99].map((percent) =>
      figureText(distribution.percentile(percent), 'ms'),
    );
    return `${side}: p50 ${p50}, p95 ${p95}, p99 ${p99}`;
  });
  return `${title}. ${told.join('; ')}.`;
}
