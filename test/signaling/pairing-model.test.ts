import fc from 'fast-check';
import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import { endCalmly } from '../support/pairing-calm.ts';
import {
  type PairingStep,
  pairingStep,
  sharedPairingStep,
  takeStep,
} from '../support/pairing-steps.ts';
import { PairingWorld } from '../support/pairing-world.ts';

const chance = vi.hoisted(() => ({ count: 0 }));
// A run that fails must fail again: ids are counted, and ties are broken alike.
vi.mock('node:crypto', async (importOriginal) => ({
  ...(await importOriginal<typeof import('node:crypto')>()),
  randomUUID: () => {
    chance.count++;
    return `00000000-0000-4000-9000-${chance.count.toString(16).padStart(12, '0')}`;
  },
  randomInt: () => 1,
}));

/** Half a minute on one core; `PAIRING_RUNS` says another number. */
const RUNS = Number(process.env.PAIRING_RUNS ?? 10_000);

/** Nodes that hear one another have so much more to do. */
const SHARED_RUNS = Math.ceil(RUNS / 10);

/** Lives in which something went wrong once, or would at the first mistake. */
const LESSONS: PairingStep[][] = [
  // Somebody comes while the first of two who wait is being offered one of two places.
  [
    { kind: 'join', which: 1, node: 0 },
    { kind: 'end a game', which: 3 },
    { kind: 'arrive', which: 0, node: 0, game: 'go', arrival: 'new' },
    { kind: 'arrive', which: 1, node: 0, game: 'go', arrival: 'new' },
    { kind: 'deliver', which: 0, count: 4 },
    { kind: 'arrive', which: 2, node: 0, game: 'go', arrival: 'new' },
  ],
  // The same, and who comes has waited longest.
  [
    { kind: 'crash a container', which: 1 },
    { kind: 'crash a node', which: 0 },
    { kind: 'join', which: 0, node: 0 },
    { kind: 'deliver all', which: 0 },
    { kind: 'arrive', which: 0, node: 0, game: 'go', arrival: 'new' },
    { kind: 'join', which: 1, node: 0 },
    { kind: 'arrive', which: 3, node: 0, game: 'chess', arrival: 'new' },
    { kind: 'deliver', which: 3, count: 3 },
    { kind: 'arrive', which: 4, node: 0, game: 'chess', arrival: 'new' },
    { kind: 'deliver all', which: 0 },
  ],
  // One of two containers answers late: the other's place goes to who waits longest, its own to the next.
  [
    { kind: 'join', which: 1, node: 0 },
    { kind: 'deliver all', which: 0 },
    { kind: 'arrive', which: 0, node: 0, game: 'go', arrival: 'new' },
    { kind: 'deliver all', which: 0 },
    { kind: 'arrive', which: 1, node: 0, game: 'go', arrival: 'new' },
    { kind: 'arrive', which: 2, node: 0, game: 'go', arrival: 'new' },
    { kind: 'slow a container down or let it be', which: 0 },
    { kind: 'end a game', which: 0 },
    { kind: 'end a game', which: 1 },
    { kind: 'deliver all', which: 0 },
    { kind: 'wait', ms: 1_000 },
    { kind: 'deliver all', which: 0 },
    { kind: 'accept', which: 0 },
    { kind: 'wait', ms: 1_000 },
    { kind: 'deliver all', which: 0 },
  ],
  // Two measure the same machines, one of which has one place; the first to choose finds a machine gone.
  [
    { kind: 'gather all containers, empty', which: 0 },
    { kind: 'arrive', which: 0, node: 0, game: 'go', arrival: 'new' },
    { kind: 'arrive', which: 1, node: 0, game: 'go', arrival: 'new' },
    { kind: 'deliver', which: 0, count: 2 },
    { kind: 'arrive', which: 2, node: 0, game: 'go', arrival: 'new' },
    { kind: 'crash a container', which: 0 },
    { kind: 'choose', which: 0, opened: 2 },
    { kind: 'deliver all', which: 0 },
  ],
  // Nobody says what was measured: the places go to who waits.
  [
    { kind: 'gather all containers, empty', which: 0 },
    { kind: 'arrive', which: 0, node: 0, game: 'go', arrival: 'new' },
    { kind: 'arrive', which: 1, node: 0, game: 'go', arrival: 'new' },
    { kind: 'deliver all', which: 0 },
    { kind: 'arrive', which: 2, node: 0, game: 'go', arrival: 'new' },
    { kind: 'wait', ms: 5_000 },
    { kind: 'deliver all', which: 0 },
    { kind: 'choose', which: 0, opened: 1 },
  ],
  // The page goes, or its node, while the container starts what was chosen.
  [
    { kind: 'gather all containers, empty', which: 0 },
    { kind: 'arrive', which: 0, node: 0, game: 'go', arrival: 'new' },
    { kind: 'deliver all', which: 0 },
    { kind: 'choose', which: 0, opened: 2 },
    { kind: 'deliver', which: 0, count: 1 },
    { kind: 'close the page', which: 0 },
  ],
  [
    { kind: 'gather all containers, empty', which: 0 },
    { kind: 'arrive', which: 0, node: 0, game: 'go', arrival: 'new' },
    { kind: 'deliver all', which: 0 },
    { kind: 'choose', which: 0, opened: 2 },
    { kind: 'crash a node', which: 0 },
    { kind: 'join', which: 0, node: 0 },
  ],
];

describe('pairing', () => {
  const { stackTraceLimit } = Error;
  beforeAll(() => {
    // A refusal is an everyday thing here, and where it was thrown is nobody's concern.
    Error.stackTraceLimit = 0;
  });
  afterAll(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });

  it(`gives no place twice, leaks none and loses no ticket in ${RUNS} lives of a pool`, async () => {
    const steps = fc.array(pairingStep, { minLength: 1, maxLength: 30, size: 'max' });
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        chance.count = 0;
        const world = new PairingWorld();
        await world.start();
        for (const step of taken) await takeStep(world, step);
        await endCalmly(world);
      }),
      { numRuns: RUNS, examples: LESSONS.map((one) => [one]) },
    );
  }, 600_000);

  it(`holds that over two nodes that make one pool, in ${SHARED_RUNS} lives`, async () => {
    const steps = fc.array(sharedPairingStep, { minLength: 1, maxLength: 30, size: 'max' });
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        chance.count = 0;
        const world = new PairingWorld(true);
        await world.start();
        for (const step of taken) await takeStep(world, step);
        await endCalmly(world);
      }),
      { numRuns: SHARED_RUNS, examples: LESSONS.map((one) => [one]) },
    );
  }, 600_000);
});
