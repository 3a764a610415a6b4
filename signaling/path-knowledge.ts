import type { ContainerId } from '../protocol/ids.ts';
import type { KnownPath } from '../protocol/path-trial.ts';
import type { ContainerIndex } from './indexer/container-index.ts';
import { latencyLimitMs } from './indexer/parameters.ts';
import type { Ticket } from './indexer/ticket.ts';

/** A way that was measured this long ago is measured anew where that could change the choice: an hour. */
const FRESH_MS = 3_600_000;

/**
 * A way of long ago may be shorter from where the player is now, and the name of a region may be
 * wrong: both move a container back in the order, and none out of it.
 */
const HEARSAY_LIMIT_MS = latencyLimitMs(0);

/** What a browser's memory of its paths says to the indexer. */
export function pathsOf(
  knownPaths: readonly KnownPath[],
  index: ContainerIndex,
): Pick<Ticket, 'paths' | 'regionPaths'> {
  const paths = new Map<ContainerId, number>();
  const regionPaths = new Map<string, number>();
  for (const { containerId, roundTripMs, ageMs } of knownPaths) {
    const region = index.get(containerId)?.region;
    if (region === undefined) continue;
    const hearsayMs = Math.min(roundTripMs, HEARSAY_LIMIT_MS);
    paths.set(containerId, ageMs < FRESH_MS ? roundTripMs : hearsayMs);
    regionPaths.set(region, Math.min(hearsayMs, regionPaths.get(region) ?? hearsayMs));
  }
  return { paths, regionPaths };
}

/** The containers whose way was measured lately. */
export function freshPaths(knownPaths: readonly KnownPath[]): Set<ContainerId> {
  const fresh = knownPaths.filter(({ ageMs }) => ageMs < FRESH_MS);
  return new Set(fresh.map(({ containerId }) => containerId));
}
