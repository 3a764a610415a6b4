import { describe, expect, it } from 'vitest';
import { type Box, nextInDirection } from '../../../client/pages/spatial-focus.ts';

function box(left: number, top: number, width: number, height: number): Box {
  return { left, top, right: left + width, bottom: top + height };
}

/*
 * header          [5]
 * [    0  feature    ]
 * [ 1 ] [ 2 ] [ 3 ]
 * [      4      ]
 */
const feature = box(0, 60, 620, 200);
const first = box(0, 280, 200, 100);
const second = box(210, 280, 200, 100);
const third = box(420, 280, 200, 100);
const wide = box(0, 400, 410, 80);
const header = box(560, 0, 60, 40);
const all = [feature, first, second, third, wide, header];

describe('nextInDirection', () => {
  it('walks along a row and stops at its end', () => {
    expect(nextInDirection(first, all, 'right')).toBe(all.indexOf(second));
    expect(nextInDirection(second, all, 'right')).toBe(all.indexOf(third));
    expect(nextInDirection(third, all, 'right')).toBeUndefined();
    expect(nextInDirection(third, all, 'left')).toBe(all.indexOf(second));
  });

  it('goes down to the box that lines up at the left', () => {
    expect(nextInDirection(feature, all, 'down')).toBe(all.indexOf(first));
  });

  it('goes up to a wide box from anywhere below it', () => {
    for (const from of [first, second, third]) {
      expect(nextInDirection(from, all, 'up')).toBe(all.indexOf(feature));
    }
  });

  it('prefers the box straight below to a nearer one to the side', () => {
    const below = box(0, 200, 100, 50);
    const diagonal = box(200, 120, 100, 50);
    expect(nextInDirection(box(0, 0, 100, 100), [diagonal, below], 'down')).toBe(1);
  });

  it('still reaches a box that is only diagonally ahead', () => {
    expect(nextInDirection(third, [wide], 'down')).toBe(0);
  });

  it('never chooses the box it stands on', () => {
    for (const direction of ['up', 'down', 'left', 'right'] as const) {
      expect(nextInDirection(first, [first], direction)).toBeUndefined();
    }
  });
});
