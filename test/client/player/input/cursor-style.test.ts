import { describe, expect, it } from 'vitest';
import { cursorStyles } from '../../../../client/player/input/cursor-style.ts';

const IMAGE = {
  type: 'cursor',
  shape: 'image',
  png: 'iVBORw0KGgo=',
  hotspotX: 3,
  hotspotY: 5,
  width: 24,
  height: 32,
} as const;
const URL = 'url(data:image/png;base64,iVBORw0KGgo=)';

describe('cursorStyles', () => {
  it('gives a shape its name', () => {
    expect(cursorStyles({ type: 'cursor', shape: 'none' }, 2)).toEqual(['none']);
  });

  it('shows a picture as it is while the game is shown about as it is', () => {
    for (const scale of [1, 0.95, 1.05]) {
      expect(cursorStyles(IMAGE, scale)).toEqual([`${URL} 3 5, default`]);
    }
  });

  it('grows with the picture, its hot spot too, where the browser can', () => {
    expect(cursorStyles(IMAGE, 2.04)).toEqual([
      'default',
      `${URL} 3 5, default`,
      `image-set(${URL} 0.5x) 6 10, default`,
    ]);
    expect(cursorStyles(IMAGE, 0.5).at(-1)).toBe(`image-set(${URL} 2x) 2 3, default`);
  });

  it('grows no larger than browsers show', () => {
    expect(cursorStyles(IMAGE, 9).at(-1)).toBe(`image-set(${URL} 0.25x) 12 20, default`);
    const huge = { ...IMAGE, width: 256, height: 256, hotspotX: 128, hotspotY: 128 };
    expect(cursorStyles(huge, 1).at(-1)).toBe(`image-set(${URL} 2x) 64 64, default`);
  });

  it('does not vanish in a tiny window', () => {
    expect(cursorStyles(IMAGE, 0.001).at(-1)).toContain('8x');
  });
});
