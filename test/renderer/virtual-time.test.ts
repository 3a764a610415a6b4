import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../renderer/virtual-time.ts';

describe('virtual time', () => {
  it('runs timers at their own time, in order, and new ones that come due on the way', () => {
    const time = new VirtualTime();
    const log: string[] = [];
    const note = (what: string) => log.push(`${what} at ${time.nowUs() / 1000}`);
    time.after(10, () => note('late'));
    time.after(5, () => {
      note('early');
      time.after(2, () => note('nested'));
    });
    time.after(5, () => note('second'));
    time.advance(20);
    expect(log).toEqual(['early at 5', 'second at 5', 'nested at 7', 'late at 10']);
    expect(time.nowUs()).toBe(20_000);
  });

  it('runs nothing that was cancelled', () => {
    const time = new VirtualTime();
    let ran = false;
    const cancel = time.after(1, () => {
      ran = true;
    });
    cancel();
    time.advance(5);
    expect([ran, time.pendingTimers]).toEqual([false, 0]);
  });

  it('runs what came due during a stall late', () => {
    const time = new VirtualTime();
    let ranAtMs = 0;
    time.after(5, () => {
      ranAtMs = time.nowUs() / 1000;
    });
    time.stall(50);
    expect(ranAtMs).toBe(0);
    time.advance(0);
    expect(ranAtMs).toBe(50);
  });
});
