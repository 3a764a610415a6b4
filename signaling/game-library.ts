import type { z } from 'zod';
import { CAPACITY_PARTS, type Capacity } from '../protocol/capacity.ts';
import type { GameInfo, GameListing, gameListSchema } from '../protocol/game-info.ts';
import type { GameId } from '../protocol/ids.ts';
import type { ContainerRegistry } from './container-registry.ts';
import type { CoverStore } from './cover-store.ts';
import type { Candidate } from './indexer/candidate.ts';
import { byCodeUnit } from './text-order.ts';

/**
 * Every game some joined container has, by title. Where two describe one game differently, the one
 * that joined first is believed.
 */
export function listGames(
  containers: ContainerRegistry,
  covers: CoverStore,
): z.infer<typeof gameListSchema> {
  const infos = new Map<GameId, GameInfo>();
  const freeSlots = new Map<GameId, number>();
  for (const { joined, candidate } of containers.joined()) {
    const isOpen = candidate.state === 'standby';
    for (const { needs, needsGpu: _, ...info } of joined.games) {
      if (!infos.has(info.id)) infos.set(info.id, info);
      const free = isOpen ? placesLeft(candidate, needs) : 0;
      freeSlots.set(info.id, (freeSlots.get(info.id) ?? 0) + free);
    }
  }
  const games = [...infos.values()].map(
    (info): GameListing => ({
      ...info,
      coverUrl: covers.url(info.id),
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
