import { describe, expect, it } from 'vitest';
import { ECHO_INTERVAL_MS, RoundTrip } from '../../signaling/round-trip.ts';
import { ManualTimers } from '../support/manual-timers.ts';

/** Lets promises that are already settled run their reactions. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('round trip', () => {
  it('is the smallest of the recent echoes', async () => {
    const timers = new ManualTimers();
    const tripsMs = [40, 12, 25];
    let told = 0;
    const roundTrip = new RoundTrip(
      async () => timers.advance(tripsMs.shift() ?? 100),
      timers,
      () => {
        told++;
      },
    );
    expect(roundTrip.minimumMs).toBeUndefined();
    await settled();
    expect(roundTrip.minimumMs).toBe(40);
    timers.advance(ECHO_INTERVAL_MS);
    await settled();
    timers.advance(ECHO_INTERVAL_MS);
    await settled();
    expect(roundTrip.minimumMs).toBe(12);
    expect(told).toBe(3);
    roundTrip.close();
  });

  it('forgets a trip of a route that is no more', async () => {
    const timers = new ManualTimers();
    let tripMs = 5;
    const roundTrip = new RoundTrip(
      async () => timers.advance(tripMs),
      timers,
      () => {},
    );
    await settled();
    tripMs = 50;
    for (let i = 0; i < 8; i++) {
      timers.advance(ECHO_INTERVAL_MS);
      await settled();
    }
    expect(roundTrip.minimumMs).toBe(50);
    roundTrip.close();
  });

  it('goes on after an echo that failed, which is no measurement', async () => {
    const timers = new ManualTimers();
    let fails = true;
    const roundTrip = new RoundTrip(
      async () => {
        timers.advance(7);
        if (fails) throw new Error('no answer');
      },
      timers,
      () => {},
    );
    await settled();
    expect(roundTrip.minimumMs).toBeUndefined();
    fails = false;
    timers.advance(ECHO_INTERVAL_MS);
    await settled();
    expect(roundTrip.minimumMs).toBe(7);
    roundTrip.close();
  });

  it('leaves no timer when closed, even while an echo is on its way', async () => {
    const timers = new ManualTimers();
    const roundTrip = new RoundTrip(
      async () => {},
      timers,
      () => {},
    );
    roundTrip.close();
    await settled();
    expect(timers.pending).toBe(0);
  });
});
