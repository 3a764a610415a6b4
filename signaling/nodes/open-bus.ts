import type { Logger } from 'pino';
import type { PoolBus } from './pool-bus.ts';
import type { RedisClient } from './redis-client.ts';

/** What nodes that share a Redis meet by. */
export interface OpenBus {
  readonly bus: PoolBus;
  /** Undefined where they meet otherwise. */
  readonly redis: RedisClient | undefined;
  /** May be called again. */
  close(): Promise<void>;
}

/**
 * Connects this node with the others. What that needs is not loaded where there are none.
 * @throws RockpoolError `bad-configuration` where Redis does not answer.
 */
export async function openBus(redisUrl: string, log: Logger): Promise<OpenBus> {
  const { connectRedis } = await import('./redis-client.ts');
  const { SocketioPoolBus } = await import('./socketio-pool-bus.ts');
  const redis = await connectRedis(redisUrl, log);
  const bus = new SocketioPoolBus(redis);
  await bus.listening;
  let closing: Promise<void> | undefined;
  const close = async () => {
    await bus.close();
    redis.destroy();
  };
  return {
    bus,
    redis,
    close() {
      closing ??= close();
      return closing;
    },
  };
}
