import { studioBuildNeeds } from '../../../protocol/build-needs.ts';
import type { JoinRequest } from '../../../protocol/container-messages.ts';
import type { BuildId } from '../../../protocol/studio-builds.ts';
import type { OfferedGame } from '../../indexer/candidate.ts';
import { type OfferKey, offerKey } from '../../indexer/offer-key.ts';
import type { ReleasedBuild } from './release-catalogue.ts';

/** What a container says that it can do with builds. */
export type BuildHost = Pick<JoinRequest, 'builds' | 'capacity' | 'gpu'>;

/**
 * Studios' builds as a container offers them: those it can run, on its disk already or not.
 * @param warm those that are on its disk now.
 */
export function buildOffers(
  host: BuildHost,
  warm: ReadonlySet<BuildId>,
  builds: Iterable<ReleasedBuild>,
): Map<OfferKey, OfferedGame> {
  const offers = new Map<OfferKey, OfferedGame>();
  const runtimes = new Set(host.builds.runtimes);
  if (runtimes.size === 0) return offers;
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
