import { expect } from 'vitest';
import type { RockpoolUnderTest } from './e2e-test.ts';
import { workersOf } from './process-tree.ts';
import { sessionCount } from './server-facts.ts';

/** The worker that waits for a game, once there is one: the next session takes it. */
export async function spareWorker({ url, pid }: RockpoolUnderTest): Promise<number> {
  const spares = async () => workersOf(pid).slice(await sessionCount(url));
  await expect.poll(spares, { timeout: 20_000 }).toHaveLength(1);
  return (await spares())[0] ?? 0;
}
