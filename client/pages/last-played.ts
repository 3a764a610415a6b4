import { z } from 'zod';
import { type GameId, gameIdSchema } from '../../protocol/ids.ts';

/** The link of a card by which a visitor went from the library. */
export interface WayOut {
  readonly gameId: GameId;
  readonly to: 'play' | 'about';
}

let wayOut: WayOut | undefined;

/** What this visit comes back from, so that the library can put the focus on it. */
export function lastWayOut(): WayOut | undefined {
  return wayOut;
}

/** The visitor is back, and the focus is theirs. */
export function forgetWayOut(): void {
  wayOut = undefined;
}

/** The page of a game was looked at. */
export function rememberShown(gameId: GameId): void {
  wayOut = { gameId, to: 'about' };
}

export function rememberPlayed(played: GameId, nowMs: number = Date.now()): void {
  wayOut = { gameId: played, to: 'play' };
  const before = read().filter((one) => one.gameId !== played);
  write([{ gameId: played, atMs: nowMs }, ...before].slice(0, KEPT_GAMES));
}

/** When each game was played last on this device, epoch milliseconds. */
export function playedGames(): ReadonlyMap<GameId, number> {
  return new Map(read().map(({ gameId: played, atMs }) => [played, atMs]));
}

const KEY = 'rockpool.played';

/** Of what was played longer ago nobody asks for the newest first. */
const KEPT_GAMES = 100;

const playedSchema = z.array(z.strictObject({ gameId: gameIdSchema, atMs: z.number() })).catch([]);

/** A browser that refuses storage, or holds what another release wrote, costs the order alone. */
function read(): z.infer<typeof playedSchema> {
  try {
    return playedSchema.parse(JSON.parse(localStorage.getItem(KEY) ?? '[]'));
  } catch {
    return [];
  }
}

function write(played: z.infer<typeof playedSchema>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(played));
  } catch {
    // Kept for this visit only; there is nothing the person could do about it here.
  }
}
