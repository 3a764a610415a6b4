import { studioBuildNeeds } from '../../../protocol/build-needs.ts';
import type { JoinRequest } from '../../../protocol/container-messages.ts';
import type { BuildId } from '../../../protocol/studio-builds.ts';
import type { OfferedGame } from '../../indexer/candidate.ts';
import { type OfferKey, offerKey } from '../../indexer/offer-key.ts';
import type { ReleasedBuild } from './release-catalogue.ts';

/** What a container tells of its games, and of what it can do with builds. */
export type GameHost = Pick<JoinRequest, 'games' | 'builds' | 'capacity' | 'gpu'>;

/**
 * All that a container offers: games of its own, and studios' builds that it can run, on its disk already
 * or not. What a studio has released is that, whatever a container calls its own.
 */
export function offersOf(
  host: GameHost,
  builds: Iterable<ReleasedBuild>,
): ReadonlyMap<OfferKey, OfferedGame> {
  const own = host.games.map(({ id, needs, needsGpu, players }): [OfferKey, OfferedGame] => [
    id,
    // Every game that a container tells of as its own lies on its disk.
    { needs, needsGpu, players, warm: true },
  ]);
  return new Map([...own, ...buildOffers(host, builds)]);
}

function buildOffers(
  host: GameHost,
  builds: Iterable<ReleasedBuild>,
): ReadonlyMap<OfferKey, OfferedGame> {
  const offers = new Map<OfferKey, OfferedGame>();
  const runtimes = new Set(host.builds.runtimes);
  if (runtimes.size === 0) return offers;
  const warm = new Set<BuildId>(host.builds.warm);
  for (const { buildId, gameId, manifest } of builds) {
    if (!runtimes.has(manifest.runtime)) continue;
    const offer: OfferedGame = {
      needs: studioBuildNeeds(manifest, host),
      players: manifest.players,
      warm: warm.has(buildId),
      needsGpu: false,
    };
    offers.set(offerKey(gameId, buildId), offer);
    if (!offers.has(gameId)) offers.set(gameId, offer);
  }
  return offers;
}
