import type { z } from 'zod';
import { gameInfoOf } from '../protocol/build-manifest.ts';
import { CAPACITY_PARTS, type Capacity } from '../protocol/capacity.ts';
import type { GameInfo, GameListing, gameListSchema } from '../protocol/game-info.ts';
import type { GameId } from '../protocol/ids.ts';
import type { ContainerRegistry } from './container-registry.ts';
import type { CoverStore } from './cover-store.ts';
import type { Candidate } from './indexer/candidate.ts';
import type { ContainerIndex } from './indexer/container-index.ts';
import { offerKey } from './indexer/offer-key.ts';
import type { ReleaseCatalogue } from './studio/releases/release-catalogue.ts';
import { studioCoverUrl } from './studio/releases/studio-cover.ts';
import { byCodeUnit } from './text-order.ts';

/**
 * Every game some joined container has, and every game of a studio that is live, by title. Where two
 * containers describe one game differently, the one that joined first is believed, and a studio before
 * any.
 */
export function listGames(
  containers: ContainerRegistry,
  covers: CoverStore,
  catalogue: Pick<ReleaseCatalogue, 'has' | 'liveBuilds'>,
  index: Pick<ContainerIndex, 'offering'>,
): z.infer<typeof gameListSchema> {
  const infos = new Map<GameId, GameInfo>();
  const freeSlots = new Map<GameId, number>();
  const coverUrls = new Map<GameId, string>();
  const add = (gameId: GameId, places: number) =>
    freeSlots.set(gameId, (freeSlots.get(gameId) ?? 0) + places);
  for (const build of catalogue.liveBuilds()) {
    const { gameId, buildId } = build;
    infos.set(gameId, gameInfoOf(build.manifest));
    for (const [candidate, { needs }] of index.offering(offerKey(gameId, buildId))) {
      if (candidate.state === 'standby') add(gameId, placesLeft(candidate, needs));
    }
    const coverUrl = studioCoverUrl(build);
    if (coverUrl !== undefined) coverUrls.set(gameId, coverUrl);
  }
  for (const { joined, candidate } of containers.joined()) {
    const isOpen = candidate.state === 'standby';
    for (const { needs, needsGpu: _, ...info } of joined.games) {
      if (catalogue.has(info.id)) continue;
      if (!infos.has(info.id)) infos.set(info.id, info);
      if (isOpen) add(info.id, placesLeft(candidate, needs));
    }
  }
  const games = [...infos.values()].map(
    (info): GameListing => ({
      ...info,
      coverUrl: coverUrls.get(info.id) ?? covers.url(info.id),
      tags: [],
      freeSlots: freeSlots.get(info.id) ?? 0,
    }),
  );
  games.sort((a, b) => byCodeUnit(a.title, b.title) || byCodeUnit(a.id, b.id));
  return { games };
}

/** How many sessions of these needs a container still takes, if all are of this game. */
export function placesLeft({ free, freeSlots }: Candidate, needs: Capacity): number {
  const places = CAPACITY_PARTS.map((part) =>
    needs[part] === 0 ? freeSlots : Math.floor(free[part] / needs[part]),
  );
  return Math.min(freeSlots, ...places);
}
