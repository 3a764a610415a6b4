import type { GameId } from '../protocol/ids.ts';

/** Older sessions say less of those being played than these. */
const KEPT_LENGTHS = 200;

/** A mean of fewer is no forecast. */
const ENOUGH_LENGTHS = 3;

export interface WaitForecastOptions {
  /** Sessions being played whose end would make room for this game. */
  readonly running: (gameId: GameId) => number;
  /** Whether two games can take each other's place. */
  readonly compete: (one: GameId, other: GameId) => boolean;
}

/**
 * How long a wait for a place may be, from how long sessions lasted. Each running one is taken to end
 * with the same chance at any moment, as if it had no memory: then n sessions of mean length L make
 * room every L / n, however long they have been going.
 */
export class WaitForecast {
  readonly #options: WaitForecastOptions;
  readonly #lengthsMs = new Map<GameId, number[]>();

  constructor(options: WaitForecastOptions) {
    this.#options = options;
  }

  /** A session was over after so long. */
  note(gameId: GameId, lengthMs: number): void {
    const lengths = this.#lengthsMs.get(gameId) ?? [];
    lengths.push(lengthMs);
    if (lengths.length > KEPT_LENGTHS) lengths.shift();
    this.#lengthsMs.set(gameId, lengths);
  }

  /** @returns milliseconds until the `position`th place is free; null where nothing is known. */
  expectedWaitMs(gameId: GameId, position: number): number | null {
    const lengths = [...this.#lengthsMs]
      .filter(([other]) => this.#options.compete(gameId, other))
      .flatMap(([, ofGame]) => ofGame);
    const running = this.#options.running(gameId);
    if (lengths.length < ENOUGH_LENGTHS || running === 0) return null;
    const meanMs = lengths.reduce((sum, one) => sum + one, 0) / lengths.length;
    return (position * meanMs) / running;
  }
}
