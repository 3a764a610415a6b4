import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRedis, type RedisClient } from '../../../signaling/nodes/redis-client.ts';
import { SocketioPoolBus } from '../../../signaling/nodes/socketio-pool-bus.ts';
import { describePoolBus } from '../../contract/pool-bus.ts';
import { Inbox } from '../../support/inbox.ts';
import { describeWithRedis, RedisServer } from '../../support/redis-server.ts';
import { SimulatedBus } from '../../support/simulated-bus.ts';

const log = pino({ level: 'silent' });

describe('a simulated bus', () => {
  const bus = new SimulatedBus();
  describePoolBus('a simulated one', () => ({
    open: async () => bus.open(),
    deliver: () => {
      for (const queue of bus.queues) for (const message of queue.splice(0)) message();
    },
  }));
});

describeWithRedis('a bus over Redis', () => {
  let redis: RedisServer;
  const clients: RedisClient[] = [];

  async function open(): Promise<SocketioPoolBus> {
    const client = await connectRedis(redis.url, log);
    clients.push(client);
    const bus = new SocketioPoolBus(client);
    await bus.listening;
    return bus;
  }

  beforeAll(async () => {
    redis = await RedisServer.start();
  });

  afterAll(async () => {
    for (const client of clients) client.destroy();
    await redis.remove();
  });

  describePoolBus('socket.io over Redis', () => ({ open, deliver: () => {} }));

  it('says that it is cut off while Redis is away, and carries on when it is back', async () => {
    const [one, two] = [await open(), await open()];
    const heard = new Inbox<unknown>();
    two.listen((message) => heard.put(message));
    await redis.stop();
    await until(() => !one.connected && !two.connected);
    one.send('nobody hears this');
    await redis.start();
    await until(() => one.connected && two.connected);
    // Who listens is back a moment later than who speaks.
    const speaking = setInterval(() => one.send('back'), 20);
    expect(await heard.next()).toBe('back');
    clearInterval(speaking);
    await one.close();
    await two.close();
  });

  it('refuses an address where there is no Redis with what to do', async () => {
    const away = await RedisServer.start();
    await away.remove();
    await expect(connectRedis(away.url, log, 50)).rejects.toMatchObject({
      code: 'bad-configuration',
      message: expect.stringContaining('REDIS_URL'),
    });
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}
