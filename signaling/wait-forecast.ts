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
  /** How long sessions of a game lasted before this process started, oldest first; never rejects. */
  readonly lengthsOf: (gameId: GameId) => Promise<readonly number[]>;
}

/**
 * How long a wait for a place may be, from how long sessions lasted. Each running one is taken to end
 * with the same chance at any moment, as if it had no memory: then n sessions of mean length L make
 * room every L / n, however long they have been going.
 */
export class WaitForecast {
  readonly #options: WaitForecastOptions;
  readonly #lengthsMs = new Map<GameId, readonly number[]>();
  /** Games whose earlier sessions were asked for. */
  readonly #recalled = new Set<GameId>();

  constructor(options: WaitForecastOptions) {
    this.#options = options;
  }

  /** A session was over after so long. */
  note(gameId: GameId, lengthMs: number): void {
    this.#keep(gameId, [...this.#known(gameId), lengthMs]);
  }

  /** @returns milliseconds until the `position`th place is free; null where nothing is known yet. */
  expectedWaitMs(gameId: GameId, position: number): number | null {
    if (!this.#recalled.has(gameId)) void this.#recall(gameId);
    const lengths = [...this.#lengthsMs]
      .filter(([other]) => this.#options.compete(gameId, other))
      .flatMap(([, ofGame]) => ofGame);
    const running = this.#options.running(gameId);
    if (lengths.length < ENOUGH_LENGTHS || running === 0) return null;
    const meanMs = lengths.reduce((sum, one) => sum + one, 0) / lengths.length;
    return (position * meanMs) / running;
  }

  async #recall(gameId: GameId): Promise<void> {
    this.#recalled.add(gameId);
    const earlier = await this.#options.lengthsOf(gameId);
    // What ended since this process started is in there, too.
    this.#keep(gameId, earlier.length > 0 ? earlier : this.#known(gameId));
  }

  #known(gameId: GameId): readonly number[] {
    return this.#lengthsMs.get(gameId) ?? [];
  }

  #keep(gameId: GameId, lengthsMs: readonly number[]): void {
    this.#lengthsMs.set(gameId, lengthsMs.slice(-KEPT_LENGTHS));
  }
}
