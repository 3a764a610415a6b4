import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pictureBox, toPicture } from '../../../../client/player/input/picture-mapping.ts';

const HD = { width: 1280, height: 720 };

describe('pictureBox', () => {
  it('leaves bars above and below in a tall box', () => {
    expect(pictureBox({ left: 10, top: 20, width: 640, height: 800 }, HD)).toEqual({
      left: 10,
      top: 240,
      width: 640,
      height: 360,
    });
  });

  it('leaves bars at the sides of a wide box', () => {
    expect(pictureBox({ left: 0, top: 0, width: 2000, height: 720 }, HD)).toEqual({
      left: 360,
      top: 0,
      width: 1280,
      height: 720,
    });
  });

  it('follows the shape of the picture, 4:3 as well as a pillar', () => {
    const box = { left: 0, top: 0, width: 1600, height: 900 };
    expect(pictureBox(box, { width: 800, height: 600 })).toEqual({
      left: 200,
      top: 0,
      width: 1200,
      height: 900,
    });
    expect(pictureBox(box, { width: 450, height: 1800 })).toMatchObject({
      left: 687.5,
      width: 225,
    });
  });

  it('is the whole box while there is no picture', () => {
    const box = { left: 1, top: 2, width: 3, height: 4 };
    expect(pictureBox(box, { width: 0, height: 0 })).toEqual(box);
  });
});

describe('toPicture', () => {
  const tall = { left: 10, top: 20, width: 640, height: 800 };

  it('maps the corners and the middle of the picture, not of the box', () => {
    expect(toPicture(tall, HD, 10, 240)).toEqual({ x: 0, y: 0 });
    expect(toPicture(tall, HD, 650, 600)).toEqual({ x: 65_535, y: 65_535 });
    expect(toPicture(tall, HD, 330, 420)).toEqual({ x: 32_768, y: 32_768 });
  });

  it('maps a point on a 4:3 picture at the same place, whatever size of it is sent', () => {
    const wide = { left: 0, top: 0, width: 1600, height: 900 };
    const whole = toPicture(wide, { width: 800, height: 600 }, 500, 225);
    expect(whole).toEqual({ x: 16_384, y: 16_384 });
    const reduced = toPicture(wide, { width: 442, height: 332 }, 500, 225);
    // Even sizes are not quite of one shape: less than a pixel of the game's.
    expect(Math.abs(reduced.x - whole.x)).toBeLessThan(65_535 / 800);
    expect(Math.abs(reduced.y - whole.y)).toBeLessThan(65_535 / 600);
  });

  it('puts points on the bars on the nearest edge', () => {
    expect(toPicture(tall, HD, 330, 25)).toEqual({ x: 32_768, y: 0 });
    expect(toPicture(tall, HD, -100, 9999)).toEqual({ x: 0, y: 65_535 });
  });

  it('stays within 16 bits in any box', () => {
    const length = fc.double({ min: 0, max: 5000, noNaN: true });
    const point = fc.double({ min: -9000, max: 9000, noNaN: true });
    fc.assert(
      fc.property(length, length, point, point, (width, height, x, y) => {
        const mapped = toPicture({ left: 0, top: 0, width, height }, HD, x, y);
        for (const value of [mapped.x, mapped.y]) {
          expect(Number.isInteger(value) && value >= 0 && value <= 65_535).toBe(true);
        }
      }),
    );
  });
});
