import { describe, expect, it } from 'vitest';
import { ApplicationLimit } from '../../../../server/transport/congestion/application-limit.ts';

describe('ApplicationLimit', () => {
  it('is limited while much less than the target leaves, with hysteresis', () => {
    const limit = new ApplicationLimit();
    let nowUs = 0;
    const sendAt = (bitrateBps: number): boolean => {
      for (let i = 0; i < 600; i++, nowUs += 1000) limit.add(bitrateBps / 8000, nowUs);
      limit.update(10e6, nowUs);
      return limit.limited;
    };
    expect(sendAt(10e6)).toBe(false);
    expect(sendAt(7e6)).toBe(false);
    expect(sendAt(6e6)).toBe(true);
    expect(sendAt(7e6)).toBe(true);
    expect(sendAt(9e6)).toBe(false);
  });

  it('does not judge before there is enough to judge by', () => {
    const limit = new ApplicationLimit();
    limit.add(100, 0);
    limit.update(10e6, 100_000);
    expect(limit.limited).toBe(false);
  });
});
