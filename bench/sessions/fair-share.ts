/**
 * How sessions fare that share a machine, each against what is fair: what one has alone, or an equal
 * part of what they all have together where the machine does not give all of them that. The latter is
 * the machine's doing; that one gets less than the other would be ours.
 * @param alone frames a second of a session by itself.
 * @param together frames a second of each.
 * @returns 1 for exactly what is fair.
 */
export function fairShares(alone: number, together: readonly number[]): number[] {
  const total = together.reduce((sum, rate) => sum + rate, 0);
  const fair = Math.min(alone, total / together.length);
  return together.map((rate) => rate / fair);
}
