import { describe, expect, it } from 'vitest';
import { BitrateGate } from '../../../server/encode/bitrate-gate.ts';

const MS = 90;

describe('BitrateGate', () => {
  it('lets a change of 15 % through and holds back a smaller one', () => {
    const gate = new BitrateGate(1_000_000);
    gate.target = 860_000;
    expect(gate.next(0)).toBeUndefined();
    gate.target = 850_000;
    expect(gate.next(0)).toBe(850_000);
    expect(gate.next(0)).toBeUndefined();
  });

  it('goes down at most every 300 ms', () => {
    const gate = new BitrateGate(4_000_000);
    gate.target = 2_000_000;
    expect(gate.next(0)).toBe(2_000_000);
    gate.target = 1_000_000;
    expect(gate.next(299 * MS)).toBeUndefined();
    expect(gate.next(300 * MS)).toBe(1_000_000);
  });

  it('goes up at most once a second, to what is then the target', () => {
    const gate = new BitrateGate(2_000_000);
    gate.target = 1_000_000;
    expect(gate.next(0)).toBe(1_000_000);
    gate.target = 1_500_000;
    expect(gate.next(300 * MS)).toBeUndefined();
    gate.target = 1_600_000;
    expect(gate.next(1000 * MS)).toBe(1_600_000);
  });
});
