import { describe, expect, it } from 'vitest';
import { GrabSchedule } from '../../../../renderer/desktop/capture/grab-schedule.ts';
import { VirtualTime } from '../../../../renderer/virtual-time.ts';

/** At most 50 grabs a second, and 5 % more. */
const INTERVAL_MS = 20 / 1.05;

function scheduleAt(frameRate = 50) {
  const time = new VirtualTime();
  const grabs: { readonly atMs: number; readonly damagedMs: number }[] = [];
  const state = { ready: true };
  const schedule = new GrabSchedule({
    clock: time,
    scheduler: time,
    frameRate,
    canGrab: () => state.ready,
    grab: (damagedUs) => grabs.push({ atMs: time.nowUs() / 1000, damagedMs: damagedUs / 1000 }),
  });
  const damageAt = (ms: number) => {
    time.advance(ms - time.nowUs() / 1000);
    schedule.handleDamage();
  };
  return { time, grabs, state, schedule, damageAt };
}

const timesOf = (grabs: readonly { readonly atMs: number }[]) => grabs.map(({ atMs }) => atMs);

describe('grab schedule', () => {
  it('grabs at once when the last grab is an interval ago', () => {
    const { grabs, schedule, damageAt } = scheduleAt();
    schedule.start();
    for (const ms of [3, 40, 100, 120]) damageAt(ms);
    expect(timesOf(grabs)).toEqual([3, 40, 100, 120]);
  });

  it('does nothing at all while nothing changes', () => {
    const { time, grabs, schedule, damageAt } = scheduleAt();
    schedule.start();
    damageAt(5);
    time.advance(1000);
    expect(grabs).toHaveLength(1);
    expect(time.pendingTimers).toBe(0);
  });

  it('grabs once for all that changed before the rate allows a grab', () => {
    const { time, grabs, schedule, damageAt } = scheduleAt();
    schedule.start();
    for (const ms of [0, 1, 2, 3, 4]) damageAt(ms);
    time.advance(1000);
    expect(grabs).toHaveLength(3);
    expect(grabs[2]?.damagedMs).toBe(2);
    expect(grabs[2]?.atMs).toBeCloseTo(INTERVAL_MS, 3);
  });

  it('keeps the rate of a game that draws faster', () => {
    const { time, grabs, schedule, damageAt } = scheduleAt();
    schedule.start();
    for (let ms = 0; ms < 10_000; ms += 3) damageAt(ms);
    time.advance(100);
    expect(grabs.length).toBeGreaterThan(515);
    expect(grabs.length).toBeLessThanOrEqual(527);
  });

  it('never makes a game wait that keeps to the rate, though one frame was late', () => {
    const { grabs, schedule, damageAt } = scheduleAt();
    schedule.start();
    const frames = Array.from({ length: 100 }, (_, k) => k * 20 + (k === 10 ? 6 : 0));
    for (const ms of frames) damageAt(ms);
    expect(timesOf(grabs)).toEqual(frames);
  });

  it('never makes a game wait that is a little faster than the rate', () => {
    const { grabs, schedule, damageAt } = scheduleAt(60);
    schedule.start();
    const frames = Array.from({ length: 1000 }, (_, k) => k * 16);
    for (const ms of frames) damageAt(ms);
    expect(timesOf(grabs)).toEqual(frames);
  });

  it('holds back none of the frames after a picture too many', () => {
    const { grabs, schedule, damageAt } = scheduleAt(60);
    schedule.start();
    const frames = Array.from({ length: 100 }, (_, k) => k * 16);
    const times = [...frames, 322].sort((one, other) => one - other);
    for (const ms of times) damageAt(ms);
    expect(timesOf(grabs)).toEqual(times);
  });

  it('grabs at once what a game draws for a press beside the frames of its rate', () => {
    const { time, grabs, schedule, damageAt } = scheduleAt(60);
    schedule.start();
    const frames = Array.from({ length: 600 }, (_, k) => ({
      ms: (k * 1000) / 60,
      isAnswer: false,
    }));
    // Seven taps a second, down and up, each answered two milliseconds later.
    const answers = Array.from({ length: 70 }, (_, k) => [k * 141 + 5, k * 141 + 48]).flat();
    const draws = [...frames, ...answers.map((ms) => ({ ms: ms + 2, isAnswer: true }))];
    draws.sort((one, other) => one.ms - other.ms);
    for (const { ms, isAnswer } of draws) {
      if (isAnswer) {
        time.advance(ms - 2 - time.nowUs() / 1000);
        schedule.expectChange();
      }
      damageAt(ms);
    }
    expect(grabs).toHaveLength(draws.length);
    for (const { atMs, damagedMs } of grabs) expect(atMs).toBe(damagedMs);
  });

  it('adds no more than a quarter to the rate for a storm of presses', () => {
    const { grabs, schedule, damageAt } = scheduleAt();
    schedule.start();
    for (let ms = 0; ms < 10_000; ms++) {
      schedule.expectChange();
      damageAt(ms);
    }
    expect(grabs.length).toBeGreaterThan(640);
    expect(grabs.length).toBeLessThanOrEqual(660);
  });

  it('saves up nothing for presses that change nothing', () => {
    const { time, grabs, schedule, damageAt } = scheduleAt();
    schedule.start();
    for (let press = 0; press < 10; press++) {
      schedule.expectChange();
      time.advance(100);
    }
    for (const ms of [1000, 1001, 1002]) damageAt(ms);
    expect(timesOf(grabs)).toEqual([1000, 1001]);
  });

  it('leaves a grab that waits at its time when a press comes', () => {
    const { time, grabs, schedule, damageAt } = scheduleAt();
    schedule.start();
    for (const ms of [0, 1, 2]) damageAt(ms);
    schedule.expectChange();
    damageAt(3);
    expect(grabs).toHaveLength(2);
    time.advance(20);
    expect(grabs[2]?.atMs).toBeCloseTo(INTERVAL_MS, 3);
    damageAt(25);
    expect(grabs[3]?.atMs).toBe(25);
  });

  it('waits while it cannot grab, and then grabs at once', () => {
    const { time, grabs, state, schedule, damageAt } = scheduleAt();
    schedule.start();
    state.ready = false;
    damageAt(10);
    time.advance(90);
    expect(grabs).toEqual([]);
    expect(time.pendingTimers).toBe(0);
    state.ready = true;
    schedule.handleReady();
    expect(grabs).toEqual([{ atMs: 100, damagedMs: 10 }]);
    schedule.handleReady();
    expect(grabs).toHaveLength(1);
  });

  it('leaves what changed while stopped for the start', () => {
    const { time, grabs, schedule, damageAt } = scheduleAt();
    schedule.start();
    for (const ms of [0, 1, 2]) damageAt(ms);
    schedule.stop();
    expect(time.pendingTimers).toBe(0);
    time.advance(500);
    expect(grabs).toHaveLength(2);
    schedule.start();
    expect(grabs[2]).toEqual({ atMs: 502, damagedMs: 502 });
  });

  it('follows a new rate from the grab that waits', () => {
    const { time, grabs, schedule, damageAt } = scheduleAt(1);
    schedule.start();
    for (const ms of [0, 1, 2]) damageAt(ms);
    expect(grabs).toHaveLength(2);
    schedule.setFrameRate(100);
    time.advance(18);
    expect(grabs).toHaveLength(3);
  });
});
