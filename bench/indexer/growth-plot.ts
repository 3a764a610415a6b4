import { element } from '../../gate/report/markup.ts';
import { dots, line, type PlotArea, xOf, yOf } from '../../gate/report/plot.ts';

/** Durations over sizes of pool. */
export interface GrowthSeries {
  readonly title: string;
  /** Of its line: see growth.css. */
  readonly name: string;
  readonly points: readonly { readonly containers: number; readonly us: number }[];
}

const WIDTH = 680;
const HEIGHT = 340;
const MARGIN = { left: 60, right: 12, top: 22, bottom: 26 };
/** 1 µs, the least that is told apart. */
const LEAST_US = 1;

/**
 * A plot with logarithmic axes: a straight line is a power of the number of containers, a level one
 * does not depend on it.
 * @param limits what a decision may take, drawn as bars at the size they hold for.
 */
export function growthPlot(
  series: readonly GrowthSeries[],
  limits: readonly { readonly containers: number; readonly us: number }[],
): string {
  const points = [...series.flatMap((one) => one.points), ...limits];
  const decades = points.map(({ containers }) => Math.log10(containers));
  const area: PlotArea = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: WIDTH - MARGIN.left - MARGIN.right,
    height: HEIGHT - MARGIN.top - MARGIN.bottom,
    x: [Math.floor(Math.min(...decades)), Math.ceil(Math.max(...decades))],
    yMax: Math.ceil(Math.max(...points.map(({ us }) => heightOf(us)))),
  };
  const drawn = series.map(({ name, points: own }) => {
    const scaled = own.map(({ containers, us }) => ({
      x: Math.log10(containers),
      y: heightOf(us),
    }));
    return line(area, scaled, name) + dots(area, scaled, name);
  });
  const bars = limits.map(({ containers, us }) => {
    const x = xOf(area, Math.log10(containers));
    return element('path', { class: 'limit', d: `M${x - 16} ${yOf(area, heightOf(us))}h32` });
  });
  const title = 'Microseconds a decision';
  return element(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': describe(series) },
    [
      grid(area),
      element('text', { class: 'title', x: area.left, y: area.top - 8 }, title),
      ...drawn,
      ...bars,
    ].join(''),
  );
}

/** Decades above the least that is told apart. */
function heightOf(us: number): number {
  return Math.log10(Math.max(LEAST_US, us) / LEAST_US);
}

function grid(area: PlotArea): string {
  const parts: string[] = [];
  for (let decade = 0; decade <= area.yMax; decade++) {
    const y = yOf(area, decade);
    parts.push(
      element('path', { class: 'grid', d: `M${area.left} ${y}h${area.width}` }),
      element('text', { class: 'tick y', x: area.left - 6, y: y + 3 }, label(decade)),
    );
  }
  const bottom = area.top + area.height;
  for (let [decade, last] = area.x; decade <= last; decade++) {
    const x = xOf(area, decade);
    parts.push(
      element('path', { class: 'grid', d: `M${x} ${area.top}v${area.height}` }),
      element(
        'text',
        { class: decade === last ? 'tick end' : 'tick x', x, y: bottom + 14 },
        label(decade),
      ),
    );
  }
  return parts.join('');
}

function label(decade: number): string {
  return (10 ** decade).toLocaleString('en');
}

/** In words, for who does not see it. */
function describe(series: readonly GrowthSeries[]): string {
  const told = series.map(({ title, points }) => {
    const [first, last] = [points[0], points.at(-1)];
    if (!first || !last) return `${title}: nothing`;
    return `${title}: ${Math.round(first.us)} µs over ${first.containers} containers, ${Math.round(last.us)} µs over ${last.containers}`;
  });
  return told.join('; ');
}
