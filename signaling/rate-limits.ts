import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import { RockpoolError } from '../protocol/errors.ts';
import type { RedisClient } from './nodes/redis-client.ts';
import { PointsInAdvance } from './points-in-advance.ts';

const WINDOW_SECONDS = 10;

/**
 * A page with its assets is about 10 requests, so one address (a household, a school) may open 60
 * pages in 10 s.
 */
const HTTP_REQUESTS = 600;

/** Upgrades and namespace handshakes: what a guesser of join tokens may try. */
const HANDSHAKES = 600;

/** Starting or ending a session makes a container work; a relayed signal is next to nothing. */
const REQUEST_COST = 5;
const SIGNAL_COST = 1;
/** A guest makes a running game take another connection: five times a second from one socket is plenty. */
const JOIN_COST = 30;

/**
 * A session takes about 20 signals and two requests: 50 sessions in 10 s from one socket, ten times
 * that from one address.
 */
const PLAYER_SOCKET_POINTS = 1_500;
const PLAYER_ADDRESS_POINTS = 15_000;
/** A hundredth: a session is paired, played and left for one question to Redis. */
const PLAYER_ADDRESS_PART = 150;

/** Containers have proved the join token; this only stops one that has run wild. */
const CONTAINER_SOCKET_POINTS = 50_000;

/**
 * Steps towards signing in, of one address in a minute: a person takes two to four. What they might
 * guess is far too long for that; this keeps the work of refusing them small.
 */
const SIGN_IN_STEPS = 60;
const SIGN_IN_WINDOW_SECONDS = 60;

/**
 * Uploads begun from one address in a minute. A studio uploads a few builds a day; a program that does
 * so in a circle is stopped before its uploads are the store's work.
 */
const UPLOADS_BEGUN = 60;
const UPLOADS_WINDOW_SECONDS = 60;

interface Limiter {
  consume(key: string, points: number): Promise<unknown>;
}

/** @throws RockpoolError `rate-limited` */
async function consume(limiter: Limiter, key: string, points: number): Promise<void> {
  try {
    await limiter.consume(key, points);
  } catch (thrown) {
    if (!(thrown instanceof RateLimiterRes)) throw thrown;
    const seconds = Math.max(1, Math.ceil(thrown.msBeforeNext / 1000));
    throw new RockpoolError(
      'rate-limited',
      `That was too much at once. Try again in ${seconds} seconds.`,
    );
  }
}

function limiter(points: number): RateLimiterMemory {
  return new RateLimiterMemory({ points, duration: WINDOW_SECONDS });
}

/** Over all nodes together; of this one alone while Redis is away. */
function sharedLimiter(
  points: number,
  name: string,
  redis: RedisClient | undefined,
): RateLimiterAbstract {
  if (!redis) return limiter(points);
  return new RateLimiterRedis({
    storeClient: redis,
    useRedisPackage: true,
    keyPrefix: `rockpool:limit:${name}`,
    points,
    duration: WINDOW_SECONDS,
    insuranceLimiter: limiter(points),
  });
}

/** Limits by address and by socket, in windows of 10 s. A socket is on one node, an address on many. */
export class RateLimits {
  readonly #http: RateLimiterAbstract;
  readonly #handshakes: RateLimiterAbstract;
  readonly #playerSockets = limiter(PLAYER_SOCKET_POINTS);
  readonly #playerAddresses: Limiter;
  readonly #containerSockets = limiter(CONTAINER_SOCKET_POINTS);
  readonly #uploads = new RateLimiterMemory({
    points: UPLOADS_BEGUN,
    duration: UPLOADS_WINDOW_SECONDS,
  });
  readonly #signIns = new RateLimiterMemory({
    points: SIGN_IN_STEPS,
    duration: SIGN_IN_WINDOW_SECONDS,
  });

  /** @param redis where nodes count together; left out where there is one. */
  constructor(redis?: RedisClient) {
    this.#http = sharedLimiter(HTTP_REQUESTS, 'http', redis);
    this.#handshakes = sharedLimiter(HANDSHAKES, 'handshake', redis);
    const addresses = sharedLimiter(PLAYER_ADDRESS_POINTS, 'player', redis);
    this.#playerAddresses = redis ? new PointsInAdvance(addresses, PLAYER_ADDRESS_PART) : addresses;
  }

  /** @throws RockpoolError `rate-limited` */
  async httpRequest(address: string): Promise<void> {
    await consume(this.#http, address, 1);
  }

  /** @throws RockpoolError `rate-limited` */
  async handshake(address: string): Promise<void> {
    await consume(this.#handshakes, address, 1);
  }

  /** @throws RockpoolError `rate-limited` */
  async playerEvent(socketId: string, address: string, event: string): Promise<void> {
    const cost =
      event === 'signal' ? SIGNAL_COST : event === 'join-as-guest' ? JOIN_COST : REQUEST_COST;
    await consume(this.#playerSockets, socketId, cost);
    await consume(this.#playerAddresses, address, cost);
  }

  /** @throws RockpoolError `rate-limited` */
  async containerEvent(socketId: string, event: string): Promise<void> {
    await consume(
      this.#containerSockets,
      socketId,
      event === 'signal' || event === 'guest-signal' ? SIGNAL_COST : REQUEST_COST,
    );
  }

  /** @throws RockpoolError `rate-limited` */
  async uploadBegun(address: string): Promise<void> {
    await consume(this.#uploads, address, 1);
  }

  /** @throws RockpoolError `rate-limited` */
  async signIn(address: string): Promise<void> {
    await consume(this.#signIns, address, 1);
  }
}
