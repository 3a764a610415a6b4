import type { ContainerId } from '../protocol/ids.ts';
import type { PairingDecision, RankedContainer } from '../protocol/pairing-decision.ts';
import { MAX_TRIED, WORTH_MS } from '../protocol/path-trial.ts';

/** A score without its path: what it would be if the container stood beside the player. */
export function scoreBesidePathMs({ scoreMs, terms }: RankedContainer): number {
  return scoreMs - terms.path;
}

/**
 * The containers to measure before one is chosen, best first: those whose ways nobody knows and that
 * would win if they were short enough, and the best of those whose way is known. Where the measured
 * ways could not change the choice, or by less than anybody feels, fewer than two.
 * @param isKnown whether the way to a container was measured a moment ago.
 */
export function worthTrying(
  { ranked }: PairingDecision,
  isKnown: (containerId: ContainerId) => boolean,
): RankedContainer[] {
  const known = ranked.find(({ containerId }) => isKnown(containerId));
  const limitMs = known ? known.scoreMs - WORTH_MS : Number.POSITIVE_INFINITY;
  const unknown = ranked.filter(
    (one) => !isKnown(one.containerId) && scoreBesidePathMs(one) < limitMs,
  );
  if (unknown.length === 0) return [];
  const tried = acrossRegions(unknown, known ? MAX_TRIED - 1 : MAX_TRIED);
  return ranked.filter((one) => one === known || tried.has(one));
}

/**
 * Machines of one place are about as far as one another: the best of each region first. What a region
 * is, their operators say: where they say all the same, the best by score.
 */
function acrossRegions(ranked: readonly RankedContainer[], most: number): Set<RankedContainer> {
  const regions = new Set<string>();
  const firsts = ranked.filter(({ region }) => {
    const isFirst = !regions.has(region);
    regions.add(region);
    return isFirst;
  });
  return new Set([...new Set([...firsts, ...ranked])].slice(0, most));
}
