import { describe, expect, it } from 'vitest';
import { DamageBox } from '../../../../renderer/desktop/capture/damage-box.ts';

const SIZE = { width: 100, height: 50 };

describe('damage box', () => {
  it('lies around everything that was added, and is empty once it was taken', () => {
    const box = new DamageBox();
    box.add(10, 20, 5, 5);
    box.add(40, 2, 1, 1);
    box.add(12, 21, 1, 1);
    expect(box.take(SIZE)).toEqual({ x: 10, y: 2, width: 31, height: 23 });
    expect(box.take(SIZE)).toBeUndefined();
    box.add(1, 1, 2, 2);
    expect(box.take(SIZE)).toEqual({ x: 1, y: 1, width: 2, height: 2 });
  });

  it('leaves out what is beyond the picture', () => {
    const box = new DamageBox();
    box.add(-10, 45, 200, 20);
    expect(box.take(SIZE)).toEqual({ x: 0, y: 45, width: 100, height: 5 });
    box.add(100, 0, 10, 10);
    expect(box.take(SIZE)).toBeUndefined();
  });
});
