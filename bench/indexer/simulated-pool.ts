import { SeededRandom } from '../../gate/network/seeded-random.ts';
import type { Capacity } from '../../protocol/capacity.ts';
import { type ContainerId, containerIdSchema, type GameId } from '../../protocol/ids.ts';
import { VIDEO_CODECS, type VideoCodec } from '../../protocol/stream-settings.ts';
import { buildIdSchema } from '../../protocol/studio-builds.ts';
import type { PlayableBuild } from '../../signaling/indexer/build-catalogue.ts';
import type { Candidate, OfferedGame } from '../../signaling/indexer/candidate.ts';

const REGIONS = 20;
const GAMES = 50;
/** One container in a thousand has it. */
export const RARE_GAME: GameId = 'rare';
const RARE_SHARE = 1e-3;
/** Of studios, released: each container that runs any may fetch them all. */
const RELEASED = 1_000;
/** On the disk of one container. */
const WARM_BUILDS = 10;
/** Kinds of machine: what a game takes was measured on each. */
const KINDS = 10;
const PIXELS = 1280 * 720 * 60;
const GIB = 2 ** 30;

export const REGION_NAMES: readonly string[] = Array.from({ length: REGIONS }, (_, i) => `r${i}`);
export const GAME_NAMES: readonly GameId[] = Array.from({ length: GAMES }, (_, i) => `game-${i}`);

export const BUILDS: readonly PlayableBuild[] = Array.from({ length: RELEASED }, (_, number) => ({
  buildId: buildIdSchema.parse(`00000000-0000-4000-9000-${number.toString(16).padStart(12, '0')}`),
  gameId: `studio-game-${number}`,
  manifest: {
    runtime: number % 2 === 0 ? ('linux' as const) : ('web' as const),
    players: 2,
    resolution: { width: 1280, height: 720 },
    limits: { memoryMib: 2048, cpus: 2 },
  },
}));

/**
 * A pool as an evening has it: containers of ten kinds in twenty regions, each with about 60 % of fifty
 * games, some of them cold; between empty and full, a tenth busy, a twentieth leaving or locked away.
 */
export class SimulatedPool {
  readonly candidates: Candidate[];
  readonly #random: SeededRandom;
  /** By itself: what else there is stays the same pool as before there were builds. */
  readonly #hosting: SeededRandom;
  readonly #offers: readonly OfferedGame[][];

  constructor(containers: number, seed: number) {
    this.#random = new SeededRandom(seed, containers);
    this.#hosting = new SeededRandom(seed, containers + 1);
    this.#offers = Array.from({ length: KINDS }, (_, kind) => offersOf(kind));
    this.candidates = Array.from({ length: containers }, (_, number) => this.#container(number));
  }

  /** What a container tells next: its load, its way and its quality have moved, its games are the same. */
  heartbeat(): Candidate {
    const number = this.#below(this.candidates.length);
    const known = this.candidates[number];
    if (!known) throw new RangeError('a pool of nothing has no heartbeat');
    const { containerId, name, region, games, builds } = known;
    const { codecs, gpu, capacity, slots, pricePerHour } = known;
    const candidate = {
      ...{ containerId, name, region, games, builds },
      ...{ codecs, gpu, capacity, slots, pricePerHour },
      ...this.#load(capacity, slots, region),
    };
    this.candidates[number] = candidate;
    return candidate;
  }

  /** An integer from 0 on. */
  #below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }

  #container(number: number): Candidate {
    const kind = this.#below(KINDS);
    const slots = 1 + this.#below(8);
    const capacity = { pixelsPerSecond: PIXELS, cpus: 2, memoryBytes: 4 * GIB };
    const whole: Capacity = {
      pixelsPerSecond: slots * capacity.pixelsPerSecond,
      cpus: slots * capacity.cpus,
      memoryBytes: slots * capacity.memoryBytes,
      gpuMemoryBytes: kind % 2 === 0 ? 0 : slots * GIB,
    };
    const region = REGION_NAMES[this.#below(REGIONS)] ?? '';
    return {
      containerId: idOf(number),
      name: `machine ${number}`,
      region,
      games: this.#games(kind),
      builds: this.#builds(),
      codecs: codecsOf(kind),
      gpu: kind % 2 === 0 ? 'software' : 'hardware',
      capacity: whole,
      slots,
      pricePerHour: this.#below(20) / 10,
      ...this.#load(whole, slots, region),
    };
  }

  #games(kind: number): Candidate['games'] {
    const games = new Map<GameId, OfferedGame>();
    GAME_NAMES.forEach((name, game) => {
      if (this.#random.next() > 0.6) return;
      const offer = this.#offers[kind]?.[2 * game + this.#below(2)];
      if (offer) games.set(name, offer);
    });
    const [first] = this.#offers[kind] ?? [];
    if (first && this.#random.next() < RARE_SHARE) games.set(RARE_GAME, first);
    return games;
  }

  /** Four of five run them, and have some of what is played most on their disks. */
  #builds(): Candidate['builds'] {
    if (this.#hosting.next() > 0.8) return { runtimes: [], warm: [] };
    const warm = Array.from({ length: WARM_BUILDS }, () => {
      return BUILDS[Math.floor(BUILDS.length * this.#hosting.next() ** 3)]?.buildId;
    });
    return { runtimes: ['linux', 'web'], warm: warm.filter((id) => id !== undefined) };
  }

  #load(capacity: Capacity, slots: number, region: string) {
    const freeSlots = this.#below(slots + 1);
    const share = freeSlots / slots;
    const chance = this.#random.next();
    const sessions = this.#below(60);
    return {
      state: stateOf(freeSlots, chance),
      freeSlots,
      free: {
        pixelsPerSecond: capacity.pixelsPerSecond * share,
        cpus: capacity.cpus * share * (0.8 + 0.2 * this.#random.next()),
        memoryBytes: capacity.memoryBytes * share,
        gpuMemoryBytes: capacity.gpuMemoryBytes * share,
      },
      roundTripMs: 2 + 8 * REGION_NAMES.indexOf(region) + 4 * this.#random.next(),
      quality: {
        clickToPhotonP95Ms: 45 + 40 * this.#random.next(),
        sessions,
        failures: this.#below(20) === 0 ? this.#below(sessions + 1) : 0,
      },
    };
  }
}

function stateOf(freeSlots: number, chance: number): Candidate['state'] {
  if (chance < 0.03) return 'draining';
  if (chance < 0.05) return 'quarantined';
  return freeSlots === 0 ? 'busy' : 'standby';
}

function idOf(number: number): ContainerId {
  // Spread like real ones, which are fingerprints.
  const spread = Math.imul(number + 1, 0x9e3779b1) >>> 0;
  const [head, tail] = [spread, number].map((n) => n.toString(16));
  return containerIdSchema.parse(
    `${head?.padStart(8, '0')}-0000-4000-8000-${tail?.padStart(12, '0')}`,
  );
}

function codecsOf(kind: number): ReadonlySet<VideoCodec> {
  return new Set(VIDEO_CODECS.filter((_, i) => i >= 2 || kind > 5));
}

/** Cold and warm by turns. */
function offersOf(kind: number): OfferedGame[] {
  return GAME_NAMES.flatMap((_, game) => {
    const needs: Capacity = {
      pixelsPerSecond: PIXELS * (1 - kind / 40),
      cpus: 1 + kind / 10,
      memoryBytes: (1 + (game % 3)) * GIB,
      gpuMemoryBytes: 0,
    };
    const offer = { needs, players: 2, needsGpu: game % 10 === 0 };
    return [
      { ...offer, warm: false },
      { ...offer, warm: true },
    ];
  });
}
