import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pushStick } from '../../../client/pages/stick-geometry.ts';

const RADIUS = 50;
const coordinate = fc.double({ min: -2000, max: 2000, noNaN: true });

describe('pushStick', () => {
  it('rests where the thumb came down', () => {
    const push = pushStick({ x: 80, y: 40 }, { x: 80, y: 40 }, RADIUS);
    expect(push).toEqual({ origin: { x: 80, y: 40 }, knob: { x: 0, y: 0 }, value: { x: 0, y: 0 } });
  });

  it('ignores the trembling of a resting thumb', () => {
    expect(pushStick({ x: 0, y: 0 }, { x: 4, y: -3 }, RADIUS).value).toEqual({ x: 0, y: -0 });
  });

  it('is all the way at the rim, right and down positive', () => {
    expect(pushStick({ x: 0, y: 0 }, { x: RADIUS, y: 0 }, RADIUS).value.x).toBeCloseTo(1);
    expect(pushStick({ x: 0, y: 0 }, { x: 0, y: RADIUS }, RADIUS).value.y).toBeCloseTo(1);
  });

  it('turns back at once after sliding beyond the rim', () => {
    const out = pushStick({ x: 0, y: 0 }, { x: 300, y: 0 }, RADIUS);
    expect(out.origin.x).toBe(250);
    expect(pushStick(out.origin, { x: 240, y: 0 }, RADIUS).value.x).toBeLessThan(0);
  });

  it('keeps the knob in the ring and under the thumb, and the value within 1', () => {
    fc.assert(
      fc.property(coordinate, coordinate, coordinate, coordinate, (ox, oy, tx, ty) => {
        const { origin, knob, value } = pushStick({ x: ox, y: oy }, { x: tx, y: ty }, RADIUS);
        expect(Math.hypot(knob.x, knob.y)).toBeLessThanOrEqual(RADIUS + 1e-9);
        expect(Math.hypot(value.x, value.y)).toBeLessThanOrEqual(1 + 1e-9);
        expect(origin.x + knob.x).toBeCloseTo(tx, 6);
        expect(origin.y + knob.y).toBeCloseTo(ty, 6);
      }),
    );
  });
});
