import { expect, it } from 'vitest';
import { systemClock, systemScheduler } from '../../../renderer/clock.ts';
import { rehearseConnection } from '../../../server/transport/connection-rehearsal.ts';
import { countUdpSockets } from './open-sockets.ts';

it('connects to itself and leaves no socket behind', async () => {
  const before = await countUdpSockets();
  expect(await rehearseConnection(systemClock, systemScheduler)).toBe(true);
  expect(await countUdpSockets()).toBe(before);
});
