import { afterEach, describe, expect, it, vi } from 'vitest';
import { PathMemory } from '../../../../client/player/connection/path-memory.ts';
import { containerIdSchema } from '../../../../protocol/ids.ts';
import { MAX_KNOWN_PATHS, PATH_MEMORY_MS } from '../../../../protocol/path-trial.ts';
import { FakeStorage } from '../../../support/fake-page.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

function container(n: number) {
  return containerIdSchema.parse(`33333333-3333-4333-8333-${String(n).padStart(12, '0')}`);
}

function open() {
  const world = { nowMs: 1_800_000_000_000, network: 'wifi' };
  const storage = new FakeStorage();
  const memory = new PathMemory({
    storage,
    wallClockMs: () => world.nowMs,
    networkKind: () => world.network,
  });
  return { world, storage, memory };
}

describe('what a browser knows of its paths', () => {
  it('outlives the page, with its age', () => {
    const { world, storage, memory } = open();
    memory.remember([{ containerId: container(1), roundTripMs: 12 }]);
    world.nowMs += 5_000;
    const next = new PathMemory({
      storage,
      wallClockMs: () => world.nowMs,
      networkKind: () => world.network,
    });
    expect(next.known()).toEqual([{ containerId: container(1), roundTripMs: 12, ageMs: 5_000 }]);
  });

  it('is forgotten after a day, and when the clock was turned back', () => {
    const { world, memory } = open();
    memory.remember([{ containerId: container(1), roundTripMs: 12 }]);
    world.nowMs += PATH_MEMORY_MS;
    expect(memory.known()).toHaveLength(1);
    world.nowMs += 1;
    expect(memory.known()).toEqual([]);
    world.nowMs -= 2 * PATH_MEMORY_MS;
    expect(memory.known()).toEqual([]);
  });

  it('is of the network it was measured on', () => {
    const { world, memory } = open();
    memory.remember([{ containerId: container(1), roundTripMs: 12 }]);
    world.network = 'cellular';
    expect(memory.known()).toEqual([]);
    memory.remember([{ containerId: container(1), roundTripMs: 60 }]);
    expect(memory.known()).toMatchObject([{ roundTripMs: 60 }]);
    world.network = 'wifi';
    expect(memory.known()).toMatchObject([{ roundTripMs: 12 }]);
  });

  it('keeps the newest of each container, and no more than it may tell', () => {
    const { memory } = open();
    memory.remember([{ containerId: container(0), roundTripMs: 90 }]);
    for (let n = 0; n <= MAX_KNOWN_PATHS; n++) {
      memory.remember([{ containerId: container(n), roundTripMs: n }]);
    }
    const known = memory.known();
    expect(known).toHaveLength(MAX_KNOWN_PATHS);
    expect(known[0]).toMatchObject({ containerId: container(MAX_KNOWN_PATHS) });
    expect(known.at(-1)).toMatchObject({ containerId: container(1), roundTripMs: 1 });
  });

  it('is empty where it cannot be read', () => {
    const complaint = vi.spyOn(console, 'error').mockReturnValue();
    const { storage, memory } = open();
    storage.setItem('rockpool.paths', '{"a":1}');
    expect(memory.known()).toEqual([]);
    expect(complaint).toHaveBeenCalledOnce();
    memory.remember([{ containerId: container(1), roundTripMs: 12 }]);
    expect(memory.known()).toHaveLength(1);
  });
});
