import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../../renderer/virtual-time.ts';
import { GuestKeyframes } from '../../../server/session/guest-keyframes.ts';

function open() {
  const time = new VirtualTime();
  let made = 0;
  const keyframes = new GuestKeyframes(time, time, () => made++);
  return { time, keyframes, made: () => made };
}

describe('GuestKeyframes', () => {
  it('makes the first at once', () => {
    const { keyframes, made } = open();
    keyframes.request();
    expect(made()).toBe(1);
  });

  it('makes one in three seconds, however many guests ask however often', () => {
    const { time, keyframes, made } = open();
    for (let ms = 0; ms < 9_000; ms += 10) {
      keyframes.request();
      time.advance(10);
    }
    expect(made()).toBe(4);
  });

  it('spares the one that is due where another came by before', () => {
    const { time, keyframes, made } = open();
    keyframes.request();
    time.advance(1_000);
    keyframes.request();
    keyframes.handleKeyframe();
    time.advance(10_000);
    expect(made()).toBe(1);
  });

  it('leaves no timer when closed', () => {
    const { time, keyframes } = open();
    keyframes.request();
    keyframes.request();
    keyframes.close();
    expect(time.pendingTimers).toBe(0);
  });
});
