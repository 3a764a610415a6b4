import type { Logger } from 'pino';
import { createClient } from 'redis';
import { RockpoolError } from '../../protocol/errors.ts';

/** A node that starts says within this what is wrong with its Redis. */
const CONNECT_LIMIT_MS = 10_000;
/** Redis that is back is found again so soon. */
const RECONNECT_MS = 250;

export type RedisClient = ReturnType<typeof newClient>;

function newClient(url: string) {
  return createClient({
    url,
    // The adapter reads the replies of this version.
    RESP: 2,
    // While it is away, nobody waits for it.
    disableOfflineQueue: true,
    socket: { reconnectStrategy: RECONNECT_MS, connectTimeout: CONNECT_LIMIT_MS },
  });
}

/**
 * Connects to Redis, and goes on trying whenever it is lost.
 * @throws RockpoolError `bad-configuration` where there is none at first.
 */
export async function connectRedis(
  url: string,
  log: Logger,
  limitMs = CONNECT_LIMIT_MS,
): Promise<RedisClient> {
  const client = newClient(url);
  let problem: unknown;
  let isLost = false;
  client.on('error', (err) => {
    problem = err;
    if (!isLost) log.error({ err }, 'Redis cannot be reached: this node goes on alone');
    isLost = true;
  });
  client.on('ready', () => {
    if (isLost) log.info('Redis is back');
    isLost = false;
  });
  const limit = new Promise<'late'>((resolve) => {
    setTimeout(() => resolve('late'), limitMs).unref();
  });
  const connected = client.connect().then(
    () => 'ready' as const,
    (error: unknown) => {
      problem = error;
      return 'failed' as const;
    },
  );
  if ((await Promise.race([connected, limit])) === 'ready') return client;
  client.destroy();
  throw new RockpoolError(
    'bad-configuration',
    'Redis at REDIS_URL does not answer. Start it, or leave REDIS_URL out to run this node alone.',
    { cause: problem },
  );
}
