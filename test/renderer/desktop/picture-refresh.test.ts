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
  it('asks again soon after the last change, then once a second', () => {
    const { time, at } = started();
    time.advance(3800);
    expect(at).toEqual([50, 150, 350, 750, 1750, 2750, 3750]);
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

  it('leaves no timer once stopped, and changes then start none', () => {
    const { time, at, refresh } = started();
    refresh.stop();
    refresh.handleChange();
    expect(time.pendingTimers).toBe(0);
    time.advance(5000);
    expect(at).toEqual([]);
  });
});
