import { describe, expect, it } from 'vitest';
import { portsOfSlot } from '../../../server/agent/slot-ports.ts';

describe('ports of a slot', () => {
  it('are nobody else’s, and all there are', () => {
    const ranges = [0, 1, 2].map((slot) => portsOfSlot([50_000, 50_029], 3, slot));
    expect(ranges).toEqual([
      [50_000, 50_009],
      [50_010, 50_019],
      [50_020, 50_029],
    ]);
  });

  it('are the system’s to choose where none are named', () => {
    expect(portsOfSlot(undefined, 4, 2)).toBeUndefined();
  });

  it('are refused where they are too few, with how many it takes', () => {
    expect(() => portsOfSlot([50_000, 50_022], 3, 0)).toThrow(/3 slots need 24 ports/);
    expect(portsOfSlot([50_000, 50_023], 3, 2)).toEqual([50_016, 50_023]);
  });
});
