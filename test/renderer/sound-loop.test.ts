import { describe, expect, it } from 'vitest';
import { SoundLoop } from '../../renderer/sound-loop.ts';
import { VirtualTime } from '../../renderer/virtual-time.ts';

function soundLoop() {
  const time = new VirtualTime();
  const dueMs: number[] = [];
  let filled = 0;
  const loop = new SoundLoop({
    clock: time,
    scheduler: time,
    fill: (samples) => samples.fill(filled++),
    deliver: ({ samples, dueUs }) => {
      expect(samples).toHaveLength(960);
      expect(samples[0]).toBe(filled - 1);
      dueMs.push(dueUs / 1000);
    },
  });
  return { time, dueMs, loop };
}

describe('sound loop', () => {
  it('delivers 10 ms every 10 ms', () => {
    const { time, dueMs, loop } = soundLoop();
    loop.start();
    time.advance(40);
    expect(dueMs).toEqual([0, 10, 20, 30, 40]);
  });

  it('catches up what a short stall held back', () => {
    const { time, dueMs, loop } = soundLoop();
    loop.start();
    time.advance(10);
    time.stall(25);
    time.advance(0);
    expect(dueMs).toEqual([0, 10, 20, 30]);
  });

  it('skips what a long stall held back but for three blocks', () => {
    const { time, dueMs, loop } = soundLoop();
    loop.start();
    time.advance(0);
    time.stall(205);
    time.advance(10);
    expect(dueMs).toEqual([0, 180, 190, 200, 210]);
  });

  it('makes no sound between stop and start, and starts afresh', () => {
    const { time, dueMs, loop } = soundLoop();
    loop.start();
    time.advance(15);
    loop.stop();
    expect(time.pendingTimers).toBe(0);
    time.advance(1000);
    loop.start();
    time.advance(5);
    expect(dueMs).toEqual([0, 10, 1015]);
  });
});
