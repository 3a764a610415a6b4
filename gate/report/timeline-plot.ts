import { figureText } from '../figure-text.ts';
import type { Measurement, TimelineRow } from '../result.ts';
import { element } from './markup.ts';
import {
  dots,
  frame,
  line,
  type PlotArea,
  type Point,
  roundUp,
  spans,
  steps,
  xAxis,
} from './plot.ts';

/** A phone's width less its margins: there a unit is a pixel. */
const WIDTH = 340;
const LEFT = 34;
const RIGHT = 6;
/** For a title above a strip. */
const HEAD = 24;
const FOOT = 16;
const STRIP = 62;
const PARTS = 2;

type Series = 'clickToPhotonMs' | 'framesPerSecond' | 'bitrateBps';

interface Strip {
  readonly series: Series;
  readonly title: string;
  readonly unit: string;
  /** From the row's unit to the shown one. */
  readonly factor: number;
}

const STRIPS: readonly Strip[] = [
  { series: 'clickToPhotonMs', title: 'Click to photon', unit: 'ms', factor: 1 },
  { series: 'framesPerSecond', title: 'Pictures a second', unit: '', factor: 1 },
  {
    series: 'bitrateBps',
    title: 'Bit rate, and what the link carries',
    unit: 'Mbit/s',
    factor: 1e-6,
  },
];

/** Upper edges, common to all runs that are compared. */
export type Extents = Readonly<Record<Series, number>> & { readonly durationMs: number };

/** A few stragglers are drawn at the edge, so that the others can be told apart. */
const SHOWN_SHARE = 0.98;

export function extentsOf(runs: readonly Measurement[]): Extents {
  const most = ({ series, factor }: Strip) => {
    const values = runs
      .flatMap(({ timeline }) => timeline.map((row) => row[series]))
      .filter((value) => value !== undefined)
      .sort((a, b) => a - b);
    const last = values[Math.floor((values.length - 1) * SHOWN_SHARE)] ?? 0;
    return roundUp(Math.max(last * factor * 1.05, factor === 1 ? 1 : 0.1), PARTS);
  };
  const [clickToPhotonMs = 1, framesPerSecond = 1, bitrateBps = 1] = STRIPS.map(most);
  const durationMs = Math.max(1, ...runs.map((run) => run.durationMs));
  return { clickToPhotonMs, framesPerSecond, bitrateBps, durationMs };
}

/** One run over time, its freezes shaded over all strips. */
export function timelinePlot(run: Measurement, extents: Extents): string {
  const shown = STRIPS.filter(({ series }) =>
    run.timeline.some((row) => row[series] !== undefined),
  );
  const frozen = run.freezes.map(({ atMs, lengthMs }) => ({
    from: atMs / 1000,
    to: (atMs + lengthMs) / 1000,
  }));
  const strips = shown.map((strip, i) => {
    const area: PlotArea = {
      left: LEFT,
      top: HEAD + i * (STRIP + HEAD),
      width: WIDTH - LEFT - RIGHT,
      height: STRIP,
      x: [0, extents.durationMs / 1000],
      yMax: extents[strip.series],
    };
    const axis = i === shown.length - 1 ? xAxis(area, 's') : '';
    return (
      spans(area, frozen, 'freeze') +
      frame(area, strip.title, strip.unit, PARTS) +
      contentOf(run.timeline, strip, area) +
      axis
    );
  });
  const height = HEAD + shown.length * (STRIP + HEAD) - HEAD + FOOT;
  return element(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${height}`, role: 'img', 'aria-label': describe(run) },
    strips.join(''),
  );
}

function contentOf(rows: readonly TimelineRow[], strip: Strip, area: PlotArea): string {
  const points = pointsOf(rows, strip.series, strip.factor);
  if (strip.series !== 'clickToPhotonMs') {
    const capacity = strip.series === 'bitrateBps' ? pointsOf(rows, 'capacityBps', 1e-6) : [];
    // A link far wider than what is sent is no line worth drawing.
    const visible = capacity.some(({ y }) => y <= area.yMax);
    return (visible ? steps(area, capacity, 'capacity') : '') + line(area, points, strip.series);
  }
  const within = points.filter(({ y }) => y <= area.yMax);
  const beyond = points.filter(({ y }) => y > area.yMax);
  return dots(area, within, 'latency') + dots(area, beyond, 'beyond');
}

function pointsOf(
  rows: readonly TimelineRow[],
  series: Series | 'capacityBps',
  factor: number,
): Point[] {
  return rows.flatMap((row) => {
    const value = row[series];
    return value === undefined ? [] : [{ x: row.atMs / 1000, y: value * factor }];
  });
}

/** All freezes of a run together. */
export function frozenMs({ freezes }: Measurement): number {
  return freezes.reduce((sum, { lengthMs }) => sum + lengthMs, 0);
}

/** In words, for who does not see it. */
function describe(measurement: Measurement): string {
  const { side, run, freezes, durationMs } = measurement;
  const frozen = figureText(frozenMs(measurement), 'ms');
  return `Run ${run} of ${side} over ${(durationMs / 1000).toFixed(0)} s; freezes: ${freezes.length}, ${frozen} altogether.`;
}
