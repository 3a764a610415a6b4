import type { z } from 'zod';
import { type GameListing, gameListSchema } from '../../protocol/game-info.ts';
import type { GameId } from '../../protocol/ids.ts';
import { type FetchJson, Polled } from './polled.ts';

/** What there is to play, as `GET /api/games` tells it. */
export class GameLibrary extends Polled<z.infer<typeof gameListSchema>> {
  constructor(fetchJson: FetchJson) {
    super(fetchJson, '/api/games', gameListSchema);
  }

  /** The listing of a game, where the list has been read and has it. */
  find(gameId: GameId): GameListing | undefined {
    const state = this.state.value;
    return state.name === 'ready'
      ? state.value.games.find((game) => game.id === gameId)
      : undefined;
  }
}
