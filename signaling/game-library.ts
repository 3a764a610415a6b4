import type { z } from 'zod';
import type { GameInfo, GameListing, gameListSchema } from '../protocol/game-info.ts';
import type { GameId } from '../protocol/ids.ts';
import type { ContainerRegistry } from './container-registry.ts';
import type { CoverStore } from './cover-store.ts';

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
  for (const container of containers.joined()) {
    for (const info of container.games) {
      if (!infos.has(info.id)) infos.set(info.id, info);
      freeSlots.set(info.id, (freeSlots.get(info.id) ?? 0) + container.freeSlots);
    }
  }
  const games = [...infos.values()].map(
    (info): GameListing => ({
      ...info,
      coverUrl: covers.url(info.id),
      freeSlots: freeSlots.get(info.id) ?? 0,
    }),
  );
  games.sort((a, b) => (a.title === b.title ? compare(a.id, b.id) : compare(a.title, b.title)));
  return { games };
}

/** By code unit: the same order in every locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : 1;
}
