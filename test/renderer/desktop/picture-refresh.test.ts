import { describe, expect, it } from 'vitest';
import { PictureRefresh } from '../../../renderer/desktop/picture-refresh.ts';
import { VirtualTime } from '../../../renderer/virtual-time.ts';

function started() {
  const time = new VirtualTime(0);
  const at: number[] = [];
  const refresh = new PictureRefresh(time, () => at.push(time.nowUs() / 1000));
  refresh.start();
  return { time, at, refresh };
}

describe('PictureRefresh', () => {
  it('asks again soon after the last change, then every two seconds', () => {
    const { time, at } = started();
    time.advance(6800);
    expect(at).toEqual([50, 150, 350, 750, 2750, 4750, 6750]);
  });

  it('begins anew with every change', () => {
    const { time, at, refresh } = started();
    time.advance(40);
    refresh.handleChange();
    time.advance(60);
    expect(at).toEqual([90]);
    refresh.handleChange();
    time.advance(50);
    expect(at).toEqual([90, 150]);
  });

  it('asks soon after an input that changes nothing', () => {
    const { time, at, refresh } = started();
    time.advance(1000);
    refresh.handleInput();
    time.advance(1000);
    expect(at.slice(4)).toEqual([1050, 1150, 1350, 1750]);
  });

  it('is not put off by inputs, however many come', () => {
    const { time, at, refresh } = started();
    time.advance(1000);
    for (let ms = 0; ms < 1000; ms += 10) {
      refresh.handleInput();
      time.advance(10);
    }
    expect(at.slice(4).map((ms) => ms - 1000)).toEqual(
      Array.from({ length: 20 }, (_, k) => 50 + k * 50),
    );
  });

  it('leaves no timer once stopped, and changes then start none', () => {
    const { time, at, refresh } = started();
    refresh.stop();
    refresh.handleChange();
    refresh.handleInput();
    expect(time.pendingTimers).toBe(0);
    time.advance(5000);
    expect(at).toEqual([]);
  });
});
