import type { Clock, Scheduler } from '../clock.ts';
import type { Address } from './candidates.ts';
import { ImpairedLink } from './link.ts';
import type { Profile } from './profiles.ts';
import type { RelayStatistics } from './relay-messages.ts';
import { RelayPath } from './relay-path.ts';

/** Keeps the two directions' fates apart. */
const UP_SEED = 0x5eed;

/**
 * A network in user space, between a peer on this machine and targets on it or beyond. Any number of
 * paths lead through it, each a stand-in for the address of a target; all share one bottleneck in
 * each direction.
 */
export class ImpairmentRelay {
  readonly #down: ImpairedLink;
  readonly #up: ImpairedLink;
  readonly #host: string | undefined;
  readonly #paths: RelayPath[] = [];

  /** @param host address of this machine that peers send to; the loopback's where left out. */
  constructor(
    { down, up }: Profile,
    seed: number,
    clock: Clock,
    scheduler: Scheduler,
    host?: string,
  ) {
    this.#host = host;
    this.#down = new ImpairedLink(down, seed, clock, scheduler);
    this.#up = new ImpairedLink(up, seed ^ UP_SEED, clock, scheduler);
  }

  /**
   * Opens a path. Who sends to it first is its peer, whom the target sees as another address.
   * @throws Error where no port is free.
   */
  async open(target: Address): Promise<Address> {
    const path = await RelayPath.open(target, this.#down, this.#up, this.#host);
    this.#paths.push(path);
    return path.address;
  }

  /** Starts traces, randomness and statistics anew: what is measured from here is comparable. */
  markStart(): void {
    this.#down.markStart();
    this.#up.markStart();
  }

  statistics(): RelayStatistics {
    const sum = (count: (path: RelayPath) => number) =>
      this.#paths.reduce((total, path) => total + count(path), 0);
    return {
      down: this.#down.statistics(),
      up: this.#up.statistics(),
      strangers: sum(({ strangers }) => strangers),
      failures: sum(({ failures }) => failures),
    };
  }

  /** What is under way is lost. */
  close(): void {
    this.#down.close();
    this.#up.close();
    for (const path of this.#paths.splice(0)) path.close();
  }
}
