import type { GameId } from '../../protocol/ids.ts';
import type { BuildId } from '../../protocol/studio-builds.ts';

/**
 * What a container offers, as the index has it: a game of its own by its id; of a studio's game each
 * build by itself, because two of them need not fit the same machines, nor be warm on the same. A
 * studio's game has its plain id there, too: for whether any of its builds can be played.
 */
export type OfferKey = string;

/** No id of a game has an `@` in it. */
export function offerKey(gameId: GameId, buildId: BuildId | undefined): OfferKey {
  return buildId === undefined ? gameId : `${gameId}@${buildId}`;
}
