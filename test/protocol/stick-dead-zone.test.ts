import fc from 'fast-check';
import { expect, it } from 'vitest';
import { STICK_DEAD_ZONE, withDeadZone, withoutDeadZone } from '../../protocol/stick-dead-zone.ts';

it('takes nothing of a stick that rests off centre, and all of one at its end', () => {
  expect(withoutDeadZone(STICK_DEAD_ZONE, 0)).toEqual([0, 0]);
  expect(withoutDeadZone(0, -1)).toEqual([0, -1]);
});

it('leads back to where the stick stood', () => {
  const angle = fc.double({ min: 0, max: 2 * Math.PI, noNaN: true });
  // Numbers next to nothing have too few bits left for a direction; no stick tells such.
  const length = fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1, noNaN: true }));
  fc.assert(
    fc.property(angle, length, (radians, way) => {
      const got = [way * Math.cos(radians), way * Math.sin(radians)] as const;
      const [x, y] = withoutDeadZone(...withDeadZone(...got));
      expect(x).toBeCloseTo(got[0], 9);
      expect(y).toBeCloseTo(got[1], 9);
    }),
  );
});
