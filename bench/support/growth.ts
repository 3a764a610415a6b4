import { medianOf } from '../../gate/median.ts';

/** How a series of readings moved from its beginning to its end. */
export interface Growth {
  /** Median of the first fifth of the readings, at least one. */
  readonly first: number;
  /** Median of the last fifth. */
  readonly last: number;
  /** (last − first) / first. */
  readonly share: number;
}

/** @throws RangeError without any reading. */
export function growthOf(readings: readonly number[]): Growth {
  if (readings.length === 0) throw new RangeError('growth needs at least one reading');
  const edge = Math.max(1, Math.floor(readings.length / 5));
  const first = medianOf(readings.slice(0, edge));
  const last = medianOf(readings.slice(-edge));
  return { first, last, share: first === last ? 0 : (last - first) / first };
}

const BARS = '▁▂▃▄▅▆▇█';

/** One character a reading, from the least (▁) to the greatest (█). */
export function sparkline(readings: readonly number[]): string {
  const least = Math.min(...readings);
  const span = Math.max(...readings) - least;
  return readings
    .map((reading) => {
      const height = span === 0 ? 0 : Math.round(((reading - least) / span) * (BARS.length - 1));
      return BARS[height] ?? '';
    })
    .join('');
}
