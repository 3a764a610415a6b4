import { describe, expect, it } from 'vitest';
import { MapDelay } from '../../renderer/webgpu/map-delay.ts';

/** Frames of a GPU that takes `doneMs`, waited for as the delay says; an answer costs 0.1 ms. */
function run(delay: MapDelay, doneMs: number, frames: number): void {
  for (let i = 0; i < frames; i++) {
    const mappedMs = Math.max(doneMs, delay.ms) + 0.1;
    delay.observe(mappedMs, mappedMs - delay.ms);
  }
}

describe('map delay', () => {
  it('asks at once until it has seen a GPU work', () => {
    expect(new MapDelay().ms).toBe(0);
  });

  it('settles just before the GPU is done', () => {
    for (const doneMs of [2, 5, 9]) {
      const delay = new MapDelay();
      run(delay, doneMs, 100);
      expect(delay.ms).toBeGreaterThan(doneMs - 1.5);
      expect(delay.ms).toBeLessThan(doneMs);
    }
  });

  it('follows a GPU that became faster', () => {
    const delay = new MapDelay();
    run(delay, 9, 100);
    run(delay, 3, 100);
    expect(delay.ms).toBeLessThan(3);
  });

  it('never waits for more than 12 ms, however slow the GPU', () => {
    const delay = new MapDelay();
    run(delay, 500, 500);
    expect(delay.ms).toBe(12);
  });

  it('does not wait for a GPU that is done at once', () => {
    const delay = new MapDelay();
    run(delay, 0.2, 50);
    expect(delay.ms).toBe(0);
  });
});
