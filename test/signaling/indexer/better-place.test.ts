import { describe, expect, it } from 'vitest';
import { hasBetterPlace } from '../../../signaling/indexer/better-place.ts';
import type { Candidate } from '../../../signaling/indexer/candidate.ts';
import { containerId } from './random-pool.ts';
import { candidate, GAME, indexOf, ticket } from './sample-pool.ts';

/** Whether there is one for a session on the first container, whose path is 20 ms. */
function isBetterThere(pathMs: number, other: Partial<Candidate> = {}): boolean {
  const index = indexOf(candidate(0), candidate(1, other));
  const paths = new Map([
    [containerId(0), 20],
    [containerId(1), pathMs],
  ]);
  return hasBetterPlace(index, ticket({ gameId: GAME, paths, waitedMs: 60_000 }), containerId(0));
}

describe('a better place for a game whose machine does not keep up', () => {
  it('is one as near, or not much farther away', () => {
    expect(isBetterThere(20)).toBe(true);
    expect(isBetterThere(80)).toBe(true);
  });

  it('is none that is so far, dear or unlucky that nothing would be won', () => {
    expect(isBetterThere(95)).toBe(false);
    expect(isBetterThere(20, { pricePerHour: 6 })).toBe(false);
    const quality = { clickToPhotonP95Ms: 40, sessions: 30, failures: 15 };
    expect(isBetterThere(20, { quality })).toBe(false);
  });

  it('is none that has no room, or not the game', () => {
    expect(isBetterThere(20, { freeSlots: 0 })).toBe(false);
    expect(isBetterThere(20, { games: new Map() })).toBe(false);
  });

  it('is not looked for from a container that is not there any more', () => {
    const index = indexOf(candidate(1));
    expect(hasBetterPlace(index, ticket({ gameId: GAME }), containerId(0))).toBe(false);
  });
});
