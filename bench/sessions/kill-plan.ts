import { SeededRandom } from '../../gate/network/seeded-random.ts';

/**
 * Which sessions are killed, and when: half of them, chosen by lot.
 * @param latestMs after the click on Play.
 * @returns one entry a session: milliseconds after the click, or undefined.
 */
export function killPlan(count: number, latestMs: number, seed: number): (number | undefined)[] {
  const random = new SeededRandom(seed);
  const plan = Array.from({ length: count }, (_, session) =>
    session < Math.floor(count / 2) ? random.next() * latestMs : undefined,
  );
  // Fisher and Yates.
  for (let last = plan.length - 1; last > 0; last--) {
    const other = Math.floor(random.next() * (last + 1));
    [plan[last], plan[other]] = [plan[other], plan[last]];
  }
  return plan;
}
