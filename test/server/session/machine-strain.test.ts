import { describe, expect, it } from 'vitest';
import { MachineStrain, type Strained } from '../../../server/session/machine-strain.ts';
import type { StreamSecond } from '../../../server/session/resolution-governor.ts';

const FINE: StreamSecond = { framesPerSecond: 60, frameCostP95Ms: 8, eventLoopDelayP99Ms: 2 };
const SLOW: StreamSecond = { framesPerSecond: 30, frameCostP95Ms: 40, eventLoopDelayP99Ms: 2 };
const LATE: StreamSecond = { ...FINE, eventLoopDelayP99Ms: 80 };
const FEW: StreamSecond = { framesPerSecond: 2, frameCostP95Ms: 6, eventLoopDelayP99Ms: 2 };

const GAME: Strained = { frameRate: 60, drawsAlways: true, canYield: false };

/** What the machine is said to do after each of so many seconds of these kinds. */
function said(seconds: readonly (readonly [number, StreamSecond])[], game = GAME): boolean[] {
  const strain = new MachineStrain();
  return seconds.flatMap(([count, second]) =>
    Array.from({ length: count }, () => {
      const before = strain.keepsUp;
      expect(strain.handleSecond(second, game)).toBe(strain.keepsUp !== before);
      return strain.keepsUp;
    }),
  );
}

describe('whether a machine keeps up', () => {
  it('is so as long as it does', () => {
    expect(said([[60, FINE]])).not.toContain(false);
  });

  it.each([
    ['too few pictures', SLOW],
    ['a late event loop', LATE],
  ])('is not so after a quarter of a minute with %s', (_what, bad) => {
    expect(said([[11, bad]])).not.toContain(false);
    expect(said([[12, bad]]).at(-1)).toBe(false);
  });

  it('is not judged by a bad moment, however often one comes', () => {
    const moments = Array.from(
      { length: 9 },
      () =>
        [
          [8, SLOW],
          [8, FINE],
        ] as const,
    ).flat();
    expect(said(moments)).not.toContain(false);
  });

  it('is told by the pictures only where no smaller one is left to try', () => {
    const game = { ...GAME, canYield: true };
    expect(said([[60, SLOW]], game)).not.toContain(false);
    expect(said([[12, LATE]], game).at(-1)).toBe(false);
  });

  it('is not doubted where a game that draws when it likes draws little', () => {
    const game = { ...GAME, drawsAlways: false };
    expect(said([[60, FEW]], game)).not.toContain(false);
    expect(said([[12, FEW]]).at(-1)).toBe(false);
    expect(said([[12, SLOW]], game).at(-1)).toBe(false);
  });

  it('is so again after ten good seconds in a row, and then needs as much to be doubted', () => {
    const bad = [12, SLOW] as const;
    expect(said([bad, [9, FINE], [1, SLOW], [9, FINE]]).slice(12)).not.toContain(true);
    expect(said([bad, [10, FINE]]).at(-1)).toBe(true);
    expect(said([bad, [10, FINE], [11, SLOW]]).at(-1)).toBe(true);
  });
});
