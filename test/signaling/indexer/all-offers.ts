import { studioBuildNeeds } from '../../../protocol/build-needs.ts';
import type { PlayableBuild } from '../../../signaling/indexer/build-catalogue.ts';
import type { Candidate, OfferedGame } from '../../../signaling/indexer/candidate.ts';
import { type OfferKey, offerKey } from '../../../signaling/indexer/offer-key.ts';

/** All that one container offers, build by build: what the index has to come to without such a list. */
export function allOffers(
  { games, builds, capacity, gpu }: Pick<Candidate, 'games' | 'builds' | 'capacity' | 'gpu'>,
  playable: Iterable<PlayableBuild>,
): ReadonlyMap<OfferKey, OfferedGame> {
  const offers = new Map<OfferKey, OfferedGame>();
  for (const { buildId, gameId, manifest } of playable) {
    if (!builds.runtimes.includes(manifest.runtime)) continue;
    const offer: OfferedGame = {
      needs: studioBuildNeeds(manifest, { capacity, gpu: { kind: gpu } }),
      players: manifest.players,
      warm: builds.warm.includes(buildId),
      needsGpu: false,
    };
    offers.set(offerKey(gameId, buildId), offer);
    if (!offers.has(gameId)) offers.set(gameId, offer);
  }
  return new Map([...games, ...offers]);
}
