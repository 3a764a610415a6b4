import { describe, expect, it } from 'vitest';
import { RESOLUTIONS, type Resolution } from '../../protocol/stream-settings.ts';
import { BUILT_IN_GAMES } from '../../renderer/game-catalogue.ts';
import { chooseResolution, measureRuntime, renderBudgetMs } from '../../renderer/render-speed.ts';

const BUDGET_MS = 16;

/** A machine that takes so many milliseconds for a million pixels. */
function machine(msPerMegapixel: number) {
  const asked: number[] = [];
  const measure = async ({ width, height }: Resolution) => {
    asked.push(height);
    return (width * height * msPerMegapixel) / 1e6;
  };
  return { asked, measure };
}

describe('choice of resolution', () => {
  it('is the default where the machine sustains it, after one measurement', async () => {
    const { asked, measure } = machine(5);
    expect(await chooseResolution(measure, BUDGET_MS)).toEqual({ width: 1280, height: 720 });
    expect(asked).toEqual([720]);
  });

  it('is the largest that fits the budget where the default does not', async () => {
    const { asked, measure } = machine(BUDGET_MS / 0.4);
    expect(await chooseResolution(measure, BUDGET_MS)).toEqual({ width: 768, height: 432 });
    expect(asked).toEqual([720, 540, 432]);
  });

  it('is the smallest on a machine too slow for any, after one measurement', async () => {
    const { asked, measure } = machine(1e4);
    expect(await chooseResolution(measure, BUDGET_MS)).toEqual(RESOLUTIONS[0]);
    expect(asked).toEqual([720]);
  });

  it('leaves out only sizes that are too large by far', async () => {
    const { asked, measure } = machine(BUDGET_MS / 0.2);
    expect(await chooseResolution(measure, BUDGET_MS)).toEqual(RESOLUTIONS[0]);
    expect(asked).toEqual([720, 360]);
  });
});

describe('measurement of a game', () => {
  it('is the CPU time between its warm frames, a frame', async () => {
    const entry = BUILT_IN_GAMES.get('calibration');
    if (!entry) throw new Error('the catalogue has no calibration scene');
    let cpuUs = 0;
    const looks = () => {
      cpuUs += 12_000;
      return cpuUs;
    };
    expect(await measureRuntime(entry, { width: 512, height: 288 }, 16, looks)).toBe(12);
  });

  it('ends once all its frames are known to take too long', async () => {
    const entry = BUILT_IN_GAMES.get('calibration');
    if (!entry) throw new Error('the catalogue has no calibration scene');
    let cpuUs = 0;
    let asked = 0;
    const looks = () => {
      asked++;
      cpuUs += 100_000;
      return cpuUs;
    };
    expect(await measureRuntime(entry, { width: 512, height: 288 }, 16, looks)).toBe(100);
    // 30 frames may take 480 ms.
    expect(asked).toBe(1 + 5);
  });

  it('finds that the real process spends some', async () => {
    const entry = BUILT_IN_GAMES.get('calibration');
    if (!entry) throw new Error('the catalogue has no calibration scene');
    expect(await measureRuntime(entry, { width: 1280, height: 720 })).toBeGreaterThan(0);
  });
});

describe('budget of a frame', () => {
  it('is half of what all cores can do in a frame interval', () => {
    expect(renderBudgetMs(2)).toBeCloseTo(1000 / 60);
  });
});
