import { SeededRandom } from '../../gate/network/seeded-random.ts';
import { DEFAULT_STREAM_SETTINGS } from '../../protocol/stream-settings.ts';
import { offerKey } from '../../signaling/indexer/offer-key.ts';
import type { Ticket } from '../../signaling/indexer/ticket.ts';
import {
  BUILDS,
  GAME_NAMES,
  RARE_GAME,
  REGION_NAMES,
  type SimulatedPool,
} from './simulated-pool.ts';

/** Round trips a player's browser measured before asking. */
const MEASURED_PATHS = 12;
/** In the pool, one container in twenty costs no more. */
const LOW_PRICE = 0;

export const TICKET_KINDS = [
  'ordinary',
  'measured paths',
  'nothing known of the ways',
  "studio's build",
  'rare game',
  'low price limit',
  'nothing fits',
  'no such game',
] as const;
export type TicketKind = (typeof TICKET_KINDS)[number];

/** Tickets of each kind, each one of another player in another place. */
export class TicketSource {
  readonly #pool: SimulatedPool;
  readonly #random: SeededRandom;

  constructor(pool: SimulatedPool, seed: number) {
    this.#pool = pool;
    this.#random = new SeededRandom(seed, 2);
  }

  next(kind: TicketKind): Ticket {
    const ordinary: Ticket = {
      gameId: GAME_NAMES[this.#below(GAME_NAMES.length)] ?? '',
      codecs: ['h264', 'vp8'],
      settings: DEFAULT_STREAM_SETTINGS,
      players: 1,
      waitedMs: 0,
      paths: new Map(),
      regionPaths: this.#regionPaths(),
      refused: new Set(),
      seed: this.#below(2 ** 32),
    };
    switch (kind) {
      case 'ordinary':
        return ordinary;
      case 'measured paths':
        return { ...ordinary, paths: this.#paths() };
      case 'nothing known of the ways':
        return { ...ordinary, regionPaths: new Map() };
      case "studio's build":
        return { ...ordinary, gameId: this.#build() };
      case 'rare game':
        return { ...ordinary, gameId: RARE_GAME, waitedMs: 60_000 };
      case 'low price limit':
        return { ...ordinary, maxPricePerHour: LOW_PRICE };
      case 'nothing fits':
        return { ...ordinary, players: 4, waitedMs: 60_000 };
      case 'no such game':
        return { ...ordinary, gameId: 'no-such-game' };
    }
  }

  #build(): Ticket['gameId'] {
    const build = BUILDS[this.#below(BUILDS.length)];
    return build ? offerKey(build.gameId, build.buildId) : '';
  }

  #below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }

  /** From one place: regions on a ring, 12 ms from each to the next. */
  #regionPaths(): Ticket['regionPaths'] {
    const home = this.#below(REGION_NAMES.length);
    return new Map(
      REGION_NAMES.map((name, at) => {
        const steps = Math.abs(at - home);
        const away = Math.min(steps, REGION_NAMES.length - steps);
        return [name, 6 + 12 * away + 6 * this.#random.next()];
      }),
    );
  }

  #paths(): Ticket['paths'] {
    const { candidates } = this.#pool;
    const measured = Array.from({ length: MEASURED_PATHS }, () => {
      return candidates[this.#below(candidates.length)];
    });
    return new Map(
      measured
        .filter((one) => one !== undefined)
        .map(({ containerId }) => [containerId, 8 + 40 * this.#random.next()]),
    );
  }
}
