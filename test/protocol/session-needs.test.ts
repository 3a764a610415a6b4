import { describe, expect, it } from 'vitest';
import type { Capacity } from '../../protocol/capacity.ts';
import { needsOn, sessionNeeds } from '../../protocol/session-needs.ts';

const GAME: Capacity = { pixelsPerSecond: 60_000, cpus: 1, memoryBytes: 5, gpuMemoryBytes: 0 };
const FULL_HD = { width: 1920, height: 1080 };

describe('the needs of a session', () => {
  it('are those of the game where its player chose nothing', () => {
    expect(sessionNeeds(GAME, { resolution: 'auto', frameRate: 60 })).toEqual(GAME);
  });

  it('follow the frame rate', () => {
    const needs = sessionNeeds(GAME, { resolution: 'auto', frameRate: 30 });
    expect(needs).toEqual({ ...GAME, pixelsPerSecond: 30_000 });
  });

  it('follow the size', () => {
    const needs = sessionNeeds(GAME, { resolution: FULL_HD, frameRate: 30 });
    expect(needs.pixelsPerSecond).toBe(1920 * 1080 * 30);
  });

  it('are the game’s own on a machine that is too small for what was chosen', () => {
    const size = { resolution: FULL_HD, frameRate: 120 } as const;
    const small = { ...GAME, pixelsPerSecond: 100_000 };
    expect(needsOn(small, GAME, size)).toEqual(GAME);
    const large = { ...GAME, pixelsPerSecond: 1e9 };
    expect(needsOn(large, GAME, size).pixelsPerSecond).toBe(1920 * 1080 * 120);
  });
});
