import type { Logger } from 'pino';
import { type BuildManifest, gameInfoOf } from '../../../protocol/build-manifest.ts';
import { studioBuildNeeds } from '../../../protocol/build-needs.ts';
import type { BuildOrder, ContainerBuilds } from '../../../protocol/build-order.ts';
import type { Capacity } from '../../../protocol/capacity.ts';
import type { GpuReport } from '../../../protocol/container-messages.ts';
import { RockpoolError, toRockpoolError } from '../../../protocol/errors.ts';
import type { GameId } from '../../../protocol/ids.ts';
import type { SessionProgress } from '../../../protocol/session-progress.ts';
import type { BuildId } from '../../../protocol/studio-builds.ts';
import type { OfferedGame } from '../offered-games.ts';
import type { BuildShelf } from './build-shelf.ts';

export type Runtime = BuildManifest['runtime'];

/** The part of a shelf that sessions need. */
export type Shelf = Pick<BuildShelf, 'warm' | 'has' | 'folderOf' | 'hold' | 'fetch' | 'isBusy'>;

/** A build that a session has. */
export interface HeldBuild {
  readonly buildId: BuildId;
  /** Whether it can be played at once. */
  readonly isThere: boolean;
  /**
   * Resolves when it is there.
   * @returns false where the session was over before.
   * @throws RockpoolError why it cannot be had, for the player.
   */
  fetch(tell: (progress: SessionProgress) => void): Promise<boolean>;
  /** The session is over: what it waited for is given up. */
  release(): void;
}

export interface StudioBuildsOptions {
  /** Undefined where none are played here. */
  readonly shelf: Shelf | undefined;
  /** Those that this machine can run, of those that its operator lets it. */
  readonly runtimes: readonly Runtime[];
  readonly machine: { readonly capacity: Capacity; readonly gpu: GpuReport };
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** Studios' builds, as the sessions of this container need them. */
export class StudioBuilds {
  readonly #options: StudioBuildsOptions;
  #prefetch: { readonly buildId: BuildId; readonly abort: AbortController } | undefined;

  constructor(options: StudioBuildsOptions) {
    this.#options = options;
  }

  /** What signaling is told on joining. */
  describe(): ContainerBuilds {
    const { shelf, runtimes } = this.#options;
    return shelf ? { runtimes: [...runtimes], warm: shelf.warm } : { runtimes: [], warm: [] };
  }

  /** @throws RockpoolError `unknown-game` where such builds are not played here. */
  offer(gameId: GameId, { buildId, manifest }: BuildOrder): OfferedGame {
    const { runtimes, machine } = this.#options;
    if (!runtimes.includes(manifest.runtime)) {
      throw new RockpoolError(
        'unknown-game',
        `This machine plays no "${manifest.runtime}" builds of studios.`,
      );
    }
    const own = { ...manifest, id: gameId };
    return {
      autoResolution: manifest.resolution,
      build: { folder: this.#shelf.folderOf(buildId), manifest: own, info: gameInfoOf(own) },
      needs: studioBuildNeeds(manifest, machine),
    };
  }

  /** For a session that begins. What was fetched ahead waits, unless it is the same. */
  hold(order: BuildOrder): HeldBuild {
    const { buildId } = order;
    const shelf = this.#shelf;
    const abort = new AbortController();
    const release = shelf.hold(buildId);
    if (this.#prefetch?.buildId !== buildId) this.stopPrefetch();
    return {
      buildId,
      isThere: shelf.has(buildId),
      fetch: (tell) => fetchTelling(shelf, order, abort.signal, tell),
      release: () => {
        abort.abort();
        release();
      },
    };
  }

  /** Gets a build that may be played here soon, where nothing is being fetched. Never throws. */
  async prefetch(order: BuildOrder): Promise<void> {
    const { shelf, runtimes, log } = this.#options;
    const { buildId, manifest } = order;
    const isWanted = runtimes.includes(manifest.runtime) && !shelf?.has(buildId);
    if (!shelf || !isWanted || shelf.isBusy || this.#prefetch) return;
    const abort = new AbortController();
    const prefetch = { buildId, abort };
    this.#prefetch = prefetch;
    try {
      await shelf.fetch(order, { signal: abort.signal });
    } catch (err) {
      if (!abort.signal.aborted) log.warn({ buildId, err }, 'a build could not be fetched ahead');
    } finally {
      if (this.#prefetch === prefetch) this.#prefetch = undefined;
    }
  }

  /** Somebody plays: what is fetched ahead may be in their way. */
  stopPrefetch(): void {
    this.#prefetch?.abort.abort();
    this.#prefetch = undefined;
  }

  get #shelf(): Shelf {
    if (this.#options.shelf) return this.#options.shelf;
    throw new RockpoolError('unknown-game', 'This machine plays no builds of studios.');
  }
}

async function fetchTelling(
  shelf: Shelf,
  order: BuildOrder,
  signal: AbortSignal,
  tell: (progress: SessionProgress) => void,
): Promise<boolean> {
  let told: number | undefined;
  tell({ step: 'fetching', text: 'The machine is fetching the game.' });
  try {
    await shelf.fetch(order, {
      signal,
      handleProgress: ({ bytes, totalBytes }) => {
        const percent = totalBytes > 0 ? Math.floor((100 * bytes) / totalBytes) : 100;
        // A build may have ten thousand blobs.
        if (percent === told) return;
        told = percent;
        const text =
          percent < 100 ? `Fetching the game: ${percent} %` : 'Putting the game together.';
        tell({ step: 'fetching', text, fraction: percent / 100 });
      },
    });
    return !signal.aborted;
  } catch (error) {
    if (signal.aborted) return false;
    throw toRockpoolError(error, 'internal');
  }
}
