import { RockpoolError } from '../../../protocol/errors.ts';
import type { GameId } from '../../../protocol/ids.ts';
import type { GameReads, GameRecord } from '../../store/game-store.ts';
import type { StudioRecord } from '../../store/studio-store.ts';
import { gameDeleted } from '../deletions/deleted.ts';

/**
 * A game of a studio.
 * @param missing is said where there is none.
 * @throws RockpoolError `not-found`, also where it is another studio's or was removed.
 */
export async function studioGame(
  games: Pick<GameReads, 'game'>,
  { studioId }: Pick<StudioRecord, 'studioId'>,
  gameId: GameId,
  missing = 'This studio has no such game.',
): Promise<GameRecord> {
  const game = await games.game(gameId);
  if (game?.studioId === studioId && game.goneAtMs === undefined) {
    if (game.removedAtMs === undefined) return game;
    throw gameDeleted(game);
  }
  throw new RockpoolError('not-found', missing);
}
