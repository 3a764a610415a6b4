import type { Logger } from 'pino';
import type { ContainerId, GameId } from '../../../protocol/ids.ts';
import { type BuildId, LIVE_CHANNEL } from '../../../protocol/studio-builds.ts';
import type { ContainerAccount, ContainerRegistry } from '../../container-registry.ts';
import type { Store } from '../../store/store.ts';
import type { Timers } from '../../timers.ts';
import type { PlayBuilds } from './play-builds.ts';
import type { ReleaseCatalogue } from './release-catalogue.ts';
import { givenBuilds, mainBuildOf } from './rollout.ts';

/** A container is asked for one build at a time, so often. */
export const PREWARM_INTERVAL_MS = 30_000;

/** What was played so long ago is not what will be played tonight. */
const LOOK_BACK_MS = 7 * 24 * 60 * 60_000;
/** Builds of containers, looked at. */
const LOOK_BACK_ROWS = 5_000;

export interface PreWarmOptions {
  readonly store: Pick<Store, 'buildsPlayed'>;
  readonly containers: Pick<ContainerRegistry, 'links'>;
  readonly catalogue: Pick<ReleaseCatalogue, 'build' | 'current'>;
  readonly builds: Pick<PlayBuilds, 'order'>;
  /** Games of each region whose builds are fetched ahead; 0: none. */
  readonly games: number;
  readonly timers: Timers;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
  readonly log: Logger;
}

/**
 * Has containers that nobody plays on fetch what is played most in their region: what was just released
 * is there before the first player comes. Each node sees to its own containers.
 */
export class PreWarm {
  readonly #options: PreWarmOptions;
  #cancel = () => {};
  #closed = false;

  constructor(options: PreWarmOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#options.games > 0) this.#later();
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  /** One round. */
  async run(): Promise<void> {
    const { store, containers, wallClockMs, log } = this.#options;
    try {
      const sinceMs = wallClockMs() - LOOK_BACK_MS;
      const plays = await store.buildsPlayed({ sinceMs, limit: LOOK_BACK_ROWS });
      if (plays.length === 0) return;
      const accounts = [...containers.links()];
      const played = this.#playedIn(accounts, plays);
      const idle = accounts.filter(isIdle);
      await Promise.all(
        idle.map((account) => this.#ask(account, played.get(account.link.hello.region))),
      );
    } catch (err) {
      if (!this.#closed) log.warn({ err }, 'builds could not be fetched ahead');
    }
  }

  #later(): void {
    if (this.#closed) return;
    this.#cancel = this.#options.timers.after(PREWARM_INTERVAL_MS, async () => {
      await this.run();
      this.#later();
    });
  }

  /** Sessions of each game in each region. */
  #playedIn(
    accounts: readonly ContainerAccount[],
    plays: Awaited<ReturnType<Store['buildsPlayed']>>,
  ): ReadonlyMap<string, ReadonlyMap<GameId, number>> {
    const regions = new Map<ContainerId, string>(
      accounts.map(({ link: { hello } }) => [hello.containerId, hello.region]),
    );
    const played = new Map<string, Map<GameId, number>>();
    for (const { buildId, containerId, sessions } of plays) {
      const region = regions.get(containerId);
      const gameId = this.#options.catalogue.build(buildId)?.gameId;
      if (region === undefined || gameId === undefined) continue;
      const games = played.get(region) ?? new Map<GameId, number>();
      played.set(region, games.set(gameId, (games.get(gameId) ?? 0) + sessions));
    }
    return played;
  }

  async #ask(
    { link, joined }: ContainerAccount,
    played: ReadonlyMap<GameId, number> | undefined,
  ): Promise<void> {
    if (!played) return;
    const warm = new Set(joined.builds.warm);
    const wanted = this.#wanted(played).find((buildId) => {
      const runtime = this.#options.catalogue.build(buildId)?.manifest.runtime;
      return !warm.has(buildId) && runtime && joined.builds.runtimes.includes(runtime);
    });
    if (!wanted) return;
    const { containerId } = link.hello;
    try {
      await link.prefetch(await this.#options.builds.order(wanted, containerId));
    } catch (err) {
      this.#options.log.warn({ err, containerId }, 'a container would fetch nothing ahead');
    }
  }

  /** What players of the most played games get now, the most played first. */
  #wanted(played: ReadonlyMap<GameId, number>): BuildId[] {
    const { catalogue, games } = this.#options;
    const most = [...played].sort(([, one], [, other]) => other - one).slice(0, games);
    return most.flatMap(([gameId]) => {
      const release = catalogue.current(gameId, LIVE_CHANNEL);
      if (!release) return [];
      const main = mainBuildOf(release);
      return [main, ...givenBuilds(release).filter((buildId) => buildId !== main)];
    });
  }
}

/** Of this node, and with nobody on it. */
function isIdle({ link, joined, load }: ContainerAccount): boolean {
  return !link.roundTrip && load?.state === 'standby' && load.freeSlots === joined.slots;
}
