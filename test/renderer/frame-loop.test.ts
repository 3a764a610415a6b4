import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameLoop } from '../../renderer/frame-loop.ts';
import { VirtualTime } from '../../renderer/virtual-time.ts';

/** A loop at 50 fps: an interval of 20 ms, a shortest gap of 5. */
function loopAt(frameRate = 50) {
  const time = new VirtualTime();
  const ticksMs: number[] = [];
  const state = { ready: true };
  const loop = new FrameLoop({
    clock: time,
    scheduler: time,
    frameRate,
    canTick: () => state.ready,
    tick: (nowUs) => ticksMs.push(nowUs / 1000),
  });
  return { time, ticksMs, state, loop };
}

describe('frame loop', () => {
  it('ticks at once and then at every interval', () => {
    const { time, ticksMs, loop } = loopAt();
    loop.start();
    time.advance(100);
    expect(ticksMs).toEqual([0, 20, 40, 60, 80, 100]);
  });

  it('does not drift when timers fire late', () => {
    const time = new VirtualTime();
    const ticksMs: number[] = [];
    const late = {
      after: (delayMs: number, task: () => void) => time.after(delayMs + 0.7, task),
    };
    const loop = new FrameLoop({
      clock: time,
      scheduler: late,
      frameRate: 60,
      canTick: () => true,
      tick: (nowUs) => ticksMs.push(nowUs / 1000),
    });
    loop.start();
    time.advance(10_000);
    for (const [k, atMs] of ticksMs.entries()) expect(atMs - (k * 1000) / 60).toBeCloseTo(0.7, 5);
    expect(ticksMs).toHaveLength(600);
  });

  it('starts a new grid after a stall instead of catching up', () => {
    const { time, ticksMs, loop } = loopAt();
    loop.start();
    time.advance(20);
    time.stall(87);
    time.advance(40);
    expect(ticksMs).toEqual([0, 20, 107, 127, 147]);
  });

  it('keeps the grid when a tick is only a little late', () => {
    const { time, ticksMs, loop } = loopAt();
    loop.start();
    time.advance(0);
    time.stall(24);
    time.advance(36);
    expect(ticksMs).toEqual([0, 24, 40, 60]);
  });

  it('runs a tick that could not run as soon as it can, once', () => {
    const { time, ticksMs, state, loop } = loopAt();
    loop.start();
    time.advance(10);
    state.ready = false;
    time.advance(70);
    state.ready = true;
    loop.handleReady();
    loop.handleReady();
    time.advance(40);
    expect(ticksMs).toEqual([0, 80, 100, 120]);
  });

  it('does not tick more often because buffers come back', () => {
    const { time, ticksMs, loop } = loopAt();
    loop.start();
    for (let i = 0; i < 20; i++) {
      time.advance(2);
      loop.handleReady();
    }
    expect(ticksMs).toEqual([0, 20, 40]);
  });

  it('ticks at once on input and one interval later again', () => {
    const { time, ticksMs, loop } = loopAt();
    loop.start();
    time.advance(12);
    loop.requestEarlyTick();
    time.advance(50);
    expect(ticksMs).toEqual([0, 12, 32, 52]);
  });

  it('never ticks inside the request, so that inputs that came together share a tick', () => {
    const { time, ticksMs, loop } = loopAt();
    loop.start();
    time.advance(12);
    loop.requestEarlyTick();
    loop.requestEarlyTick();
    expect(ticksMs).toEqual([0]);
    time.advance(0);
    expect(ticksMs).toEqual([0, 12]);
  });

  it('leaves a quarter of the interval after a tick', () => {
    const { time, ticksMs, loop } = loopAt();
    loop.start();
    time.advance(1);
    loop.requestEarlyTick();
    time.advance(19);
    expect(ticksMs).toEqual([0, 5]);
  });

  it('waits for the drawing under way before it ticks early', () => {
    const { time, ticksMs, state, loop } = loopAt();
    loop.start();
    time.advance(8);
    state.ready = false;
    loop.requestEarlyTick();
    time.advance(3);
    state.ready = true;
    loop.handleReady();
    time.advance(20);
    expect(ticksMs).toEqual([0, 11, 31]);
  });

  it('spends its credit: a second early tick soon after comes only as early as is left', () => {
    const { time, ticksMs, loop } = loopAt();
    loop.start();
    time.advance(5);
    loop.requestEarlyTick();
    time.advance(10);
    loop.requestEarlyTick();
    time.advance(30);
    // 15 of 20 ms are spent at 5 and 0.5 earned: the tick due at 25 comes 5.5 ms early.
    expect(ticksMs).toEqual([0, 5, 19.5, 39.5]);
  });

  it('stays below 110 % of its rate whatever the input does', () => {
    const presses = fc.array(fc.double({ min: 0.01, max: 60, noNaN: true }), { maxLength: 400 });
    fc.assert(
      fc.property(presses, (gapsMs) => {
        const { time, ticksMs, loop } = loopAt();
        loop.start();
        for (const gapMs of gapsMs) {
          time.advance(gapMs);
          loop.requestEarlyTick();
        }
        const elapsedMs = time.nowUs() / 1000;
        expect(ticksMs.length).toBeLessThanOrEqual((elapsedMs / 20) * 1.1 + 2);
        const gaps = ticksMs.slice(1).map((at, i) => at - (ticksMs[i] ?? 0));
        for (const gap of gaps) {
          expect(gap).toBeGreaterThan(5 - 1e-6);
          expect(gap).toBeLessThan(20 + 1e-6);
        }
      }),
    );
  });

  it('takes a new frame rate from the last tick on', () => {
    const { time, ticksMs, loop } = loopAt();
    loop.start();
    time.advance(10);
    loop.setFrameRate(100);
    time.advance(15);
    loop.setFrameRate(25);
    time.advance(50);
    expect(ticksMs).toEqual([0, 10, 20, 60]);
  });

  it('is silent between stop and start and leaves no timer', () => {
    const { time, ticksMs, loop } = loopAt();
    loop.start();
    time.advance(25);
    loop.stop();
    expect(time.pendingTimers).toBe(0);
    loop.requestEarlyTick();
    loop.handleReady();
    loop.setFrameRate(100);
    time.advance(500);
    expect(ticksMs).toEqual([0, 20]);
    loop.start();
    time.advance(10);
    expect(ticksMs).toEqual([0, 20, 525, 535]);
  });
});
