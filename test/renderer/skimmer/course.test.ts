import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Course, STRETCH_M } from '../../../renderer/skimmer/course.ts';

const seeds = fc.integer();
const indices = fc.integer({ min: 0, max: 400 });

describe('the course', () => {
  it('always leaves a lane that a boat fits through', () => {
    fc.assert(
      fc.property(seeds, indices, (seed, index) => {
        const course = new Course(seed);
        for (const rock of course.stretch(index).rocks) {
          for (let dz = -10; dz <= 10; dz += 0.5) {
            const gap = Math.hypot(course.laneX(rock.z + dz) - rock.x, dz) - rock.radius;
            expect(gap).toBeGreaterThan(2);
          }
        }
      }),
    );
  });

  it('never bends the lane more steeply than a boat can steer', () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0, max: 40_000, noNaN: true }), (seed, z) => {
        const course = new Course(seed);
        expect(Math.abs(course.laneX(z + 1) - course.laneX(z))).toBeLessThan(0.5);
      }),
    );
  });

  it('makes the same stretch whatever was made before it', () => {
    fc.assert(
      fc.property(seeds, indices, (seed, index) => {
        const walked = new Course(seed);
        for (let i = Math.max(index - 3, 0); i < index; i++) walked.stretch(i);
        expect(walked.stretch(index)).toEqual(new Course(seed).stretch(index));
      }),
    );
  });

  it('lists what floats in a stretch nearest first and inside it', () => {
    fc.assert(
      fc.property(seeds, indices, (seed, index) => {
        const { rocks, pearls } = new Course(seed).stretch(index);
        for (const things of [rocks, pearls]) {
          const places = things.map(({ z }) => z);
          expect(places).toEqual([...places].sort((a, b) => a - b));
          for (const z of places) expect(Math.floor(z / STRETCH_M)).toBe(index);
        }
      }),
    );
  });

  it('grows more crowded with distance', () => {
    const rocksIn = (from: number) => {
      let count = 0;
      for (let seed = 0; seed < 20; seed++) {
        for (let i = from; i < from + 5; i++) count += new Course(seed).stretch(i).rocks.length;
      }
      return count;
    };
    expect(rocksIn(80)).toBeGreaterThan(rocksIn(1) * 1.5);
  });
});
