import { describe, expect, it } from 'vitest';
import { RESOLUTIONS, type Resolution } from '../../protocol/stream-settings.ts';
import { BUILT_IN_GAMES } from '../../renderer/game-catalogue.ts';
import { chooseResolution, measureRuntime, RENDER_BUDGET_MS } from '../../renderer/render-speed.ts';

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
    expect(await chooseResolution(measure)).toEqual({ width: 1280, height: 720 });
    expect(asked).toEqual([720]);
  });

  it('is the largest that fits the budget where the default does not', async () => {
    const { asked, measure } = machine(RENDER_BUDGET_MS / 0.4);
    expect(await chooseResolution(measure)).toEqual({ width: 768, height: 432 });
    expect(asked).toEqual([720, 540, 432]);
  });

  it('is the smallest on a machine too slow for any', async () => {
    expect(await chooseResolution(machine(1e4).measure)).toEqual(RESOLUTIONS[0]);
  });
});

describe('measurement of a game', () => {
  it('is the 95th percentile of the times its frames took', async () => {
    const entry = BUILT_IN_GAMES.get('calibration');
    if (!entry) throw new Error('the catalogue has no calibration scene');
    // Every look at this clock is 10 ms after the last but each tenth: 30 ms.
    let looks = 0;
    let nowUs = 0;
    const clock = {
      nowUs: () => {
        nowUs += ++looks % 10 === 0 ? 30_000 : 10_000;
        return nowUs;
      },
    };
    expect(await measureRuntime(entry, { width: 512, height: 288 }, clock)).toBe(30);
  });
});
