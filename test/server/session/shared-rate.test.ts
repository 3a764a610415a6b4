import { describe, expect, it } from 'vitest';
import { type RatedViewer, sharedRateBps } from '../../../server/session/shared-rate.ts';

const viewer = (role: RatedViewer['role'], videoBitrateBps: number | undefined) => ({
  role,
  videoBitrateBps,
});
const owner = viewer('owner', 8e6);

describe('sharedRateBps', () => {
  it("is the owner's where nobody else plays", () => {
    expect(sharedRateBps([owner, viewer('spectator', 1e5)], 4e6)).toBe(8e6);
  });

  it('is less where a guest who plays can take less', () => {
    expect(sharedRateBps([owner, viewer('player', 6e6), viewer('player', 9e6)], 4e6)).toBe(6e6);
  });

  it('is half of what the owner gets at least', () => {
    expect(sharedRateBps([owner, viewer('player', 1e5)], 4e6)).toBe(4e6);
  });

  it('heeds those who watch where the picture is made for them alone', () => {
    expect(sharedRateBps([viewer('spectator', 3e6)], 4e6)).toBe(3e6);
    expect(sharedRateBps([viewer('spectator', 1e5)], 4e6)).toBe(2e6);
  });

  it('waits for nobody who is not connected', () => {
    expect(sharedRateBps([owner, viewer('player', undefined)], 4e6)).toBe(8e6);
    expect(sharedRateBps([viewer('owner', undefined)], 4e6)).toBe(4e6);
  });
});
