import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClockOffset } from '../../../../client/player/latency/clock-offset.ts';

const OFFSET_US = 7_000_000;

/** One ping over a path that takes these times, with the worker's clock ahead by `offsetUs`. */
function ping(
  clock: ClockOffset,
  sentUs: number,
  upUs: number,
  downUs: number,
  offsetUs = OFFSET_US,
) {
  clock.handlePong(sentUs, sentUs + upUs + offsetUs, sentUs + upUs + downUs);
}

function errorUs(clock: ClockOffset, browserUs: number, offsetUs = OFFSET_US): number {
  const browserMs = clock.toBrowserMs(browserUs + offsetUs);
  if (browserMs === undefined) throw new Error('the offset is not known');
  return Math.abs(browserMs * 1000 - browserUs);
}

describe('ClockOffset', () => {
  it('knows nothing before the first pong', () => {
    const clock = new ClockOffset();
    expect(clock.toBrowserMs(1)).toBeUndefined();
    expect(clock.rttMs).toBeUndefined();
    expect(clock.errorMs(1)).toBeUndefined();
  });

  it('is exact on a symmetric path', () => {
    const clock = new ClockOffset();
    ping(clock, 0, 900, 900);
    expect(errorUs(clock, 5000)).toBeCloseTo(0, 6);
  });

  it('believes the ping that met no queue', () => {
    const clock = new ClockOffset();
    ping(clock, 0, 30_000, 1000);
    ping(clock, 250_000, 1000, 1000);
    ping(clock, 500_000, 1000, 40_000);
    expect(errorUs(clock, 500_000)).toBeCloseTo(0, 6);
  });

  it('is never off by more than half the shortest round trip, whatever the jitter', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(50_000), fc.nat(50_000)), { minLength: 1, maxLength: 40 }),
        (paths) => {
          const clock = new ClockOffset();
          paths.forEach(([up, down], i) => {
            ping(clock, i * 250_000, up, down);
          });
          const shortest = Math.min(...paths.map(([up, down]) => up + down));
          // A newer ping may be preferred to a shorter one by what 100 ppm of drift can make of its age.
          const driftUs = paths.length * 250_000 * 100e-6;
          return errorUs(clock, 10_000_000) <= shortest / 2 + driftUs + 1e-3;
        },
      ),
    );
  });

  it('tells a bound that it never exceeds, whatever the paths, the drift and the time since', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(50_000), fc.nat(50_000)), { minLength: 1, maxLength: 40 }),
        fc.double({ min: -100e-6, max: 100e-6, noNaN: true }),
        fc.nat(60_000_000),
        (paths, drift, laterUs) => {
          const clock = new ClockOffset();
          const offsetAt = (us: number) => OFFSET_US + us * drift;
          paths.forEach(([up, down], i) => {
            const sentUs = i * 250_000;
            ping(clock, sentUs, up, down, offsetAt(sentUs + up));
          });
          const nowUs = paths.length * 250_000 + laterUs;
          const bound = clock.errorMs(nowUs / 1000) ?? 0;
          return errorUs(clock, nowUs, offsetAt(nowUs)) <= bound * 1000 + 1e-3;
        },
      ),
    );
  });

  it('is off by half of what one way takes longer than the other, which its bound allows', () => {
    const clock = new ClockOffset();
    ping(clock, 0, 1000, 61_000);
    expect(errorUs(clock, 62_000)).toBeCloseTo(30_000, 6);
    expect(clock.errorMs(62)).toBeCloseTo(31, 1);
  });

  it('lets the bound grow with the time since the ping, by what clocks may drift apart', () => {
    const clock = new ClockOffset();
    ping(clock, 0, 500, 500);
    expect(clock.errorMs(1)).toBeCloseTo(0.5, 3);
    expect(clock.errorMs(10_000)).toBeCloseTo(1.5, 3);
  });

  it('follows a clock that drifts by 50 ppm for ten minutes to within half a round trip and the drift of a few seconds', () => {
    const clock = new ClockOffset();
    const jitter = fc.sample(fc.tuple(fc.nat(3000), fc.nat(3000)), { numRuns: 2400, seed: 1 });
    let worstUs = 0;
    jitter.forEach(([up, down], i) => {
      const nowUs = i * 250_000;
      const offsetUs = OFFSET_US + nowUs * 50e-6;
      ping(clock, nowUs, 500 + up, 500 + down, offsetUs);
      worstUs = Math.max(worstUs, errorUs(clock, nowUs, offsetUs));
    });
    // The drift alone comes to 30 ms by then.
    expect(worstUs).toBeLessThan(3500);
    expect(worstUs).toBeGreaterThan(0);
  });

  it('starts again where a clock stepped', () => {
    const clock = new ClockOffset();
    ping(clock, 0, 100, 100);
    ping(clock, 250_000, 5000, 5000, OFFSET_US + 60_000_000);
    expect(errorUs(clock, 250_000, OFFSET_US + 60_000_000)).toBeCloseTo(0, 6);
  });

  it('ignores a pong to a ping of the future', () => {
    const clock = new ClockOffset();
    clock.handlePong(2000, OFFSET_US, 1000);
    expect(clock.rttMs).toBeUndefined();
  });

  it('tells the median of the newest eight round trips', () => {
    const clock = new ClockOffset();
    for (let i = 0; i < 20; i++) ping(clock, i * 250_000, 50_000, 50_000);
    for (let i = 20; i < 28; i++) ping(clock, i * 250_000, 1000, i === 24 ? 90_000 : 1000);
    expect(clock.rttMs).toBe(2);
  });
});
