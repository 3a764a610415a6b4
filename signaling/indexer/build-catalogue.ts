import type { BuildManifest } from '../../protocol/build-manifest.ts';
import { studioBuildNeeds } from '../../protocol/build-needs.ts';
import type { GameId } from '../../protocol/ids.ts';
import type { BuildId } from '../../protocol/studio-builds.ts';
import type { BuildHost, Candidate, OfferedGame } from './candidate.ts';
import { type OfferKey, offerKey } from './offer-key.ts';

/** A studio's build that can be played: what of it a decision goes by. */
export interface PlayableBuild {
  readonly buildId: BuildId;
  readonly gameId: GameId;
  readonly manifest: Pick<BuildManifest, 'runtime' | 'players' | 'resolution'> & {
    readonly limits: Pick<BuildManifest['limits'], 'cpus' | 'memoryMib'>;
  };
}

const RUNTIME_BITS: Readonly<Record<BuildManifest['runtime'], number>> = { linux: 1, web: 2 };

/** The runtimes of a container as bits. */
export function runtimeBits(runtimes: BuildHost['runtimes']): number {
  return runtimes.reduce<number>((bits, runtime) => bits | RUNTIME_BITS[runtime], 0);
}

/** A build as any container offers it that runs its kind. */
export class CataloguedBuild {
  readonly buildId: BuildId;
  readonly gameId: GameId;
  /** See {@link runtimeBits}. */
  readonly runtime: number;
  readonly #manifest: PlayableBuild['manifest'];
  /** Of machines that are fast enough, without and with a GPU that is known; each cold, then warm. */
  readonly #offers: readonly OfferedGame[];

  constructor({ buildId, gameId, manifest }: PlayableBuild) {
    this.buildId = buildId;
    this.gameId = gameId;
    this.runtime = RUNTIME_BITS[manifest.runtime];
    this.#manifest = manifest;
    this.#offers = ['none', 'hardware'].flatMap((kind) => {
      const needs = studioBuildNeeds(manifest, { capacity: ENDLESS, gpu: { kind } });
      return [false, true].map((warm) => this.#offer(needs, warm));
    });
  }

  /** What it takes of a machine that is fast enough for it, but for memory of its GPU. */
  get needs(): OfferedGame['needs'] {
    return (this.#offers[0] as OfferedGame).needs;
  }

  /** The same object each time: see {@link needs}. */
  offer(hasKnownGpu: boolean, warm: boolean): OfferedGame {
    return this.#offers[(hasKnownGpu ? 2 : 0) + (warm ? 1 : 0)] as OfferedGame;
  }

  /** Of a machine that is slower than it should be. */
  offerOn({ capacity, gpu }: Pick<Candidate, 'capacity' | 'gpu'>, warm: boolean): OfferedGame {
    const needs = studioBuildNeeds(this.#manifest, { capacity, gpu: { kind: gpu } });
    return this.#offer(needs, warm);
  }

  #offer(needs: OfferedGame['needs'], warm: boolean): OfferedGame {
    return { needs, players: this.#manifest.players, warm, needsGpu: false };
  }
}

const ENDLESS = {
  pixelsPerSecond: Number.POSITIVE_INFINITY,
  cpus: Number.POSITIVE_INFINITY,
  memoryBytes: Number.POSITIVE_INFINITY,
  gpuMemoryBytes: Number.POSITIVE_INFINITY,
};

const NONE: readonly CataloguedBuild[] = [];

/**
 * All builds of studios that can be played, known once however many containers there are: each of these
 * fetches any that is of its kind.
 */
export class BuildCatalogue {
  readonly all: readonly CataloguedBuild[];
  readonly #builds = new Map<OfferKey, readonly CataloguedBuild[]>();

  /** @param builds of two builds of a game that a container runs, the first one speaks for the game. */
  constructor(builds: Iterable<PlayableBuild> = []) {
    this.all = Array.from(builds, (build) => new CataloguedBuild(build));
    for (const known of this.all) {
      const { gameId, buildId } = known;
      this.#builds.set(offerKey(gameId, buildId), [known]);
      this.#builds.set(gameId, [...this.of(gameId), known]);
    }
  }

  /** Of a game all its builds, of a build itself. */
  of(key: OfferKey): readonly CataloguedBuild[] {
    return this.#builds.get(key) ?? NONE;
  }
}
