/**
 * Jain's index of how evenly something is shared: 1 where all have the same, 1/n where one has all
 * (Jain, Chiu, Hawe: A Quantitative Measure of Fairness, DEC TR-301).
 */
export function jainIndex(rates: readonly number[]): number {
  const sum = rates.reduce((total, rate) => total + rate, 0);
  const squares = rates.reduce((total, rate) => total + rate * rate, 0);
  return sum ** 2 / (rates.length * squares);
}
