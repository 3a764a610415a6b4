import { describe, expect, it } from 'vitest';
import { PreciseScheduler } from '../../../gate/network/precise-scheduler.ts';

/** Told by the test; the scheduler's own waiting is real and short. */
class ManualClock {
  us = 0;

  nowUs(): number {
    return this.us;
  }
}

function turns(count: number): Promise<void> {
  return new Promise((resolve) => {
    const turn = (left: number) => (left === 0 ? resolve() : setImmediate(() => turn(left - 1)));
    turn(count);
  });
}

describe('PreciseScheduler', () => {
  it('runs tasks in the order they are due, none early and none in the call', async () => {
    const clock = new ManualClock();
    const scheduler = new PreciseScheduler(clock);
    const ran: string[] = [];
    scheduler.after(0.9, () => ran.push('0.9'));
    scheduler.after(0.2, () => ran.push('0.2'));
    scheduler.after(0.5, () => ran.push('0.5'));
    scheduler.after(0, () => ran.push('0'));
    expect(ran).toEqual([]);
    clock.us = 499;
    await turns(5);
    expect(ran).toEqual(['0', '0.2']);
    clock.us = 900;
    await turns(5);
    expect(ran).toEqual(['0', '0.2', '0.5', '0.9']);
  });

  it('waits for a later time by a timer and still not a moment too short', async () => {
    const clock = new ManualClock();
    const scheduler = new PreciseScheduler(clock);
    const due = new Promise<number>((resolve) => {
      scheduler.after(4, () => resolve(clock.us));
    });
    await turns(5);
    clock.us = 3999;
    await turns(5);
    clock.us = 4000;
    expect(await due).toBe(4000);
  });

  it('turns to an earlier task that comes while it waits for a later', async () => {
    const clock = new ManualClock();
    const scheduler = new PreciseScheduler(clock);
    const ran: string[] = [];
    const cancel = scheduler.after(3_600_000, () => ran.push('in an hour'));
    scheduler.after(0.3, () => ran.push('now'));
    clock.us = 300;
    await turns(5);
    expect(ran).toEqual(['now']);
    cancel();
  });

  it('runs nothing that was cancelled', async () => {
    const clock = new ManualClock();
    const scheduler = new PreciseScheduler(clock);
    const ran: string[] = [];
    const cancel = scheduler.after(0.1, () => ran.push('cancelled'));
    scheduler.after(0.2, () => ran.push('kept'));
    cancel();
    clock.us = 1000;
    await turns(5);
    expect(ran).toEqual(['kept']);
  });
});
