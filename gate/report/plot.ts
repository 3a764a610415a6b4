import { element, escaped } from './markup.ts';

/** A rectangle of a drawing, with what its edges stand for. */
export interface PlotArea {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Values at the left and the right edge. */
  readonly x: readonly [number, number];
  /** The value at the upper edge; the lower one is 0. */
  readonly yMax: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Tenths of a pixel are more than a screen shows. */
function rounded(coordinate: number): number {
  return Math.round(coordinate * 10) / 10;
}

export function xOf({ left, width, x: [from, to] }: PlotArea, value: number): number {
  return rounded(left + ((value - from) / (to - from)) * width);
}

/** Values beyond the upper edge are on it. */
export function yOf({ top, height, yMax }: PlotArea, value: number): number {
  const share = Math.min(1, Math.max(0, value / yMax));
  return rounded(top + (1 - share) * height);
}

/**
 * A round value that is at least `value` and divides into `parts` round parts: 1, 2, 2.5 or 5 times
 * a power of ten each.
 */
export function roundUp(value: number, parts: number): number {
  if (!(value > 0)) return parts;
  const part = value / parts;
  const power = 10 ** Math.floor(Math.log10(part));
  const factor = [1, 2, 2.5, 5].find((one) => one * power >= part * (1 - 1e-9)) ?? 10;
  return factor * power * parts;
}

/** Straight from point to point. */
export function line(area: PlotArea, points: readonly Point[], name: string): string {
  if (points.length === 0) return '';
  const commands = points.map(({ x, y }) => `${xOf(area, x)} ${yOf(area, y)}`);
  return element('path', { class: `line ${name}`, d: `M${commands.join('L')}` });
}

/** What holds from each point to the next, and from the last one to the right edge. */
export function steps(area: PlotArea, points: readonly Point[], name: string): string {
  const [first] = points;
  if (!first) return '';
  let d = `M${xOf(area, first.x)} ${yOf(area, first.y)}`;
  let level = first.y;
  for (const { x, y } of points) {
    if (y !== level) d += `H${xOf(area, x)}V${yOf(area, y)}`;
    level = y;
  }
  return element('path', { class: `line ${name}`, d: `${d}H${xOf(area, area.x[1])}` });
}

/** One dot a point, all in one path: round ends of lines of no length. */
export function dots(area: PlotArea, points: readonly Point[], name: string): string {
  if (points.length === 0) return '';
  const d = points.map(({ x, y }) => `M${xOf(area, x)} ${yOf(area, y)}h0`).join('');
  return element('path', { class: `dots ${name}`, d });
}

/** Upright marks on the lower edge. */
export function marks(area: PlotArea, xs: readonly number[], height: number, name: string): string {
  if (xs.length === 0) return '';
  const bottom = area.top + area.height;
  const d = xs.map((x) => `M${xOf(area, x)} ${bottom}v${-height}`).join('');
  return element('path', { class: `marks ${name}`, d });
}

/** Spans over the whole height, at least a pixel wide: what is there has to be seen. */
export function spans(
  area: PlotArea,
  ranges: readonly { readonly from: number; readonly to: number }[],
  name: string,
): string {
  return ranges
    .map(({ from, to }) => {
      const x = xOf(area, from);
      const width = Math.max(1, rounded(xOf(area, to) - x));
      return element('rect', { class: name, x, y: area.top, width, height: area.height });
    })
    .join('');
}

/** Frame, lines across at round values, and their labels at the left. */
export function frame(area: PlotArea, title: string, unit: string, parts: number): string {
  const { left, top, width, height, yMax } = area;
  const values = Array.from({ length: parts + 1 }, (_, i) => (i * yMax) / parts);
  const grid = values.map((value) => {
    const y = yOf(area, value);
    const label = element('text', { class: 'tick y', x: left - 4, y: y + 3 }, number(value));
    return element('path', { class: 'grid', d: `M${left} ${y}h${width}` }) + label;
  });
  const name = element('text', { class: 'title', x: left, y: top - 5 }, escaped(title));
  const of = element('text', { class: 'tick end', x: left + width, y: top - 5 }, escaped(unit));
  const rule = element('path', { class: 'axis', d: `M${left} ${top + height}h${width}` });
  return grid.join('') + rule + name + of;
}

/** Labels below, at round values; the last one, with the unit, ends at the right edge. */
export function xAxis(area: PlotArea, unit: string): string {
  const [from, to] = area.x;
  const y = area.top + area.height + 12;
  const step = roundUp((to - from) / 6, 1);
  const labels: string[] = [];
  for (let value = Math.ceil(from / step) * step; value <= to - step / 2; value += step) {
    labels.push(element('text', { class: 'tick x', x: xOf(area, value), y }, number(value)));
  }
  const last = `${number(to)} ${unit}`;
  labels.push(element('text', { class: 'tick end', x: area.left + area.width, y }, escaped(last)));
  return labels.join('');
}

function number(value: number): string {
  return String(Number(value.toPrecision(3)));
}
