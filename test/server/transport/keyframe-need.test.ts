import { describe, expect, it } from 'vitest';
import { KeyframeNeed } from '../../../server/transport/keyframe-need.ts';

const KEYFRAME = { codec: 'h264', keyframe: true } as const;
const CHANGE = { codec: 'h264', keyframe: false } as const;

describe('KeyframeNeed', () => {
  it('admits changes behind a keyframe of their codec, until one was dropped', () => {
    const need = new KeyframeNeed(() => undefined);
    expect(need.admits(CHANGE)).toBe(false);
    expect(need.admits(KEYFRAME)).toBe(true);
    need.handleSent(KEYFRAME, 0);
    expect(need.admits(CHANGE)).toBe(true);
    expect(need.admits({ ...CHANGE, codec: 'vp8' })).toBe(false);
    need.handleDropped();
    expect(need.admits(CHANGE)).toBe(false);
    need.handleSent(KEYFRAME, 0);
    expect(need.admits(CHANGE)).toBe(true);
  });

  it('does not ask again, unless it must, while one may be on its way', () => {
    let asked = 0;
    const need = new KeyframeNeed(() => asked++);
    need.requestSoon(0);
    need.requestSoon(299_999);
    expect(asked).toBe(1);
    need.requestSoon(300_000);
    expect(asked).toBe(2);
    need.handleSent(KEYFRAME, 500_000);
    need.handleSent(CHANGE, 600_000);
    need.requestSoon(799_999);
    expect(asked).toBe(2);
    need.request(799_999);
    expect(asked).toBe(3);
    expect(need.requests).toBe(3);
  });
});
