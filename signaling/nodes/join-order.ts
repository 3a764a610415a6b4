import type { ContainerId } from '../../protocol/ids.ts';

/**
 * When each container last joined, whichever node it joined. A container whose connection broke may join
 * another node before the first one notices: then what either says of it arrives in any order.
 */
export class JoinOrder {
  readonly #joinedMs = new Map<ContainerId, number>();
  readonly #wallClockMs: () => number;

  /** @param wallClockMs epoch milliseconds; of all nodes, to within less than a container takes to come back. */
  constructor(wallClockMs: () => number) {
    this.#wallClockMs = wallClockMs;
  }

  /** It joins this node now: later than ever before. */
  next(containerId: ContainerId): number {
    const joinedMs = Math.max(this.#wallClockMs(), this.of(containerId) + 1);
    this.#joinedMs.set(containerId, joinedMs);
    return joinedMs;
  }

  /** Zero where it never joined. */
  of(containerId: ContainerId): number {
    return this.#joinedMs.get(containerId) ?? 0;
  }

  note(containerId: ContainerId, joinedMs: number): void {
    this.#joinedMs.set(containerId, Math.max(joinedMs, this.of(containerId)));
  }

  forget(containerId: ContainerId): void {
    this.#joinedMs.delete(containerId);
  }
}
