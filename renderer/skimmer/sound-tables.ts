const SIZE = 2048;
export const TABLE_MASK = SIZE - 1;
/** Phases count table steps; multiply cycles by this. */
export const TABLE_SIZE = SIZE;

/** One cycle of a sum of sine partials, scaled to a peak of 1. */
function cycle(partials: readonly number[]): Float32Array {
  const table = new Float32Array(SIZE);
  let peak = 0;
  for (let i = 0; i < SIZE; i++) {
    let value = 0;
    for (const [k, level] of partials.entries()) {
      value += level * Math.sin((2 * Math.PI * (k + 1) * i) / SIZE);
    }
    table[i] = value;
    peak = Math.max(peak, Math.abs(value));
  }
  for (let i = 0; i < SIZE; i++) table[i] = (table[i] ?? 0) / peak;
  return table;
}

export const SINE = cycle([1]);
/** Warm and hollow, for the music bed. */
export const REED = cycle([1, 0.12, 0.2, 0.05, 0.06]);
/** Full of partials that fall off quickly: a turbine under a deck. */
export const TURBINE = cycle([1, 0.62, 0.5, 0.24, 0.3, 0.1, 0.16, 0.05]);

/** Reads a table at a phase in table steps, 0 or more. */
export function read(table: Float32Array, phase: number): number {
  return table[phase & TABLE_MASK] ?? 0;
}
