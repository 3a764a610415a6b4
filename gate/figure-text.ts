import type { Unit } from './metrics.ts';

interface Scale {
  readonly factor: number;
  readonly unit: string;
}

/** Units that people read other than the ones programs count in. */
const SCALES: Partial<Readonly<Record<Unit, Scale>>> = {
  share: { factor: 100, unit: '%' },
  'bit/s': { factor: 1e-6, unit: 'Mbit/s' },
  points: { factor: 1, unit: '' },
};

/** Digits that a difference of the smallest kind shows in. */
function rounded(value: number, unit: string): string {
  const size = Math.abs(value);
  if (unit === '' && size < 2) return value.toFixed(3);
  if (size >= 100) return value.toFixed(0);
  return value.toFixed(size >= 10 ? 1 : 2);
}

/** A figure as a person reads it: `31.2 ms`, `1.50 %`, `8.20 Mbit/s`. */
export function figureText(value: number, unit: Unit): string {
  const { factor, unit: read } = SCALES[unit] ?? { factor: 1, unit };
  return `${rounded(value * factor, read)}${read && ` ${read}`}`;
}

/** The same with its sign, for a difference: `+4.80 ms`, `−0.30 ms`. */
export function differenceText(value: number, unit: Unit): string {
  const text = figureText(Math.abs(value), unit);
  // What is rounded to nothing has no sign.
  if (!/[1-9]/.test(text)) return text;
  return `${value < 0 ? '−' : '+'}${text}`;
}

/** From one to another, the unit once: `29.8 to 32.9 ms`. */
export function rangeText(low: number, high: number, unit: Unit, signed = false): string {
  const of = signed ? differenceText : figureText;
  const { unit: read } = SCALES[unit] ?? { unit };
  const first = of(low, unit);
  return `${read ? first.slice(0, -read.length - 1) : first} to ${of(high, unit)}`;
}

/** A count with its noun: `1 run`, `3 runs`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
