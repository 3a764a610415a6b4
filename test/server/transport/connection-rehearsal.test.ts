import { expect, it } from 'vitest';
import { systemClock, systemScheduler } from '../../../renderer/clock.ts';
import { rehearseConnection } from '../../../server/transport/connection-rehearsal.ts';

it('connects to itself and leaves no socket behind', async () => {
  const sockets = (): number =>
    process.getActiveResourcesInfo().filter((name) => /udp/i.test(name)).length;
  const before = sockets();
  expect(await rehearseConnection(systemClock, systemScheduler)).toBe(true);
  expect(sockets()).toBe(before);
});
