import type { ContainerId, GameId } from '../protocol/ids.ts';
import type { Timers } from './timers.ts';

/** By then whatever else ran on the machine is another thing. */
const REMEMBERED_MS = 30 * 60_000;

/** A game that so many machines could not keep up with is too heavy, not the machines too slow. */
const TOO_HEAVY = 3;

/** Which containers could not keep up with which games lately. */
export class StrainLedger {
  readonly #timers: Timers;
  readonly #strained = new Map<GameId, Map<ContainerId, number>>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  note(gameId: GameId, containerId: ContainerId): void {
    const containers = this.#strained.get(gameId) ?? new Map<ContainerId, number>();
    this.#strained.set(gameId, containers);
    containers.set(containerId, this.#timers.nowMs());
  }

  /** Those that could not keep up with a game. */
  of(gameId: GameId): ReadonlySet<ContainerId> {
    const containers = this.#strained.get(gameId);
    if (!containers) return new Set();
    const nowMs = this.#timers.nowMs();
    for (const [containerId, atMs] of containers) {
      if (nowMs - atMs >= REMEMBERED_MS) containers.delete(containerId);
    }
    if (containers.size === 0) this.#strained.delete(gameId);
    return new Set(containers.keys());
  }

  /** Whether no machine keeps up with a game, as far as anybody has seen. */
  isTooHeavy(gameId: GameId): boolean {
    return this.of(gameId).size >= TOO_HEAVY;
  }
}
