import type { GameId } from '../../protocol/ids.ts';

let gameId: GameId | undefined;

/** The game this visit came back from, so that the library can put the focus on it. */
export function lastPlayed(): GameId | undefined {
  return gameId;
}

export function rememberPlayed(played: GameId): void {
  gameId = played;
}
