import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectRedis, type RedisClient } from '../../../signaling/nodes/redis-client.ts';
import { RateLimits } from '../../../signaling/rate-limits.ts';
import { describeWithRedis, RedisServer } from '../../support/redis-server.ts';

const log = pino({ level: 'silent' });
/** What an address may do in ten seconds. */
const HANDSHAKES = 600;

describeWithRedis('the limits of several nodes', () => {
  let redis: RedisServer;
  const clients: RedisClient[] = [];

  beforeAll(async () => {
    redis = await RedisServer.start();
    clients.push(await connectRedis(redis.url, log), await connectRedis(redis.url, log));
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await redis.remove();
  });

  const nodes = () => clients.map((client) => new RateLimits(client));

  /** So many from one address, by turns at each node. @returns how many were refused. */
  async function knock(limits: readonly RateLimits[], address: string, times: number) {
    const outcomes = await Promise.allSettled(
      Array.from({ length: times }, (_, at) => limits[at % limits.length]?.handshake(address)),
    );
    return outcomes.filter(({ status }) => status === 'rejected').length;
  }

  it('count an address at all of them together, and each address by itself', async () => {
    const limits = nodes();
    expect(await knock(limits, '192.0.2.1', HANDSHAKES)).toBe(0);
    expect(await knock(limits, '192.0.2.1', 10)).toBe(10);
    expect(await knock(limits, '192.0.2.2', 10)).toBe(0);
    await expect(limits[0]?.handshake('192.0.2.1')).rejects.toMatchObject({ code: 'rate-limited' });
  });

  it('count at each node alone while Redis is away', async () => {
    const [one] = nodes();
    await redis.stop();
    if (!one) throw new Error('There is no node.');
    expect(await knock([one], '192.0.2.3', HANDSHAKES)).toBe(0);
    expect(await knock([one], '192.0.2.3', 10)).toBe(10);
  });
});
