import { describe, expect, it } from 'vitest';
import { SilenceDetector } from '../../../../client/player/connection/silence-detector.ts';
import { BrowserTime } from '../../../support/browser-time.ts';

function setUp() {
  const time = new BrowserTime();
  const heard: string[] = [];
  const detector = new SilenceDetector(time, {
    handleSilence: () => heard.push('silence'),
    handleSoundAgain: () => heard.push('sound'),
  });
  return { time, heard, detector };
}

describe('SilenceDetector', () => {
  it('notices two seconds without a word, once, and the first word after them', () => {
    const { time, heard, detector } = setUp();
    detector.start();
    time.advance(2000);
    expect(heard).toEqual([]);
    time.advance(250);
    expect(heard).toEqual(['silence']);
    expect(detector.silent).toBe(true);
    time.advance(60_000);
    detector.handleHeard();
    detector.handleHeard();
    expect(heard).toEqual(['silence', 'sound']);
    expect(detector.silent).toBe(false);
  });

  it('believes one second of silence where something else says that the far side is gone', () => {
    const { time, heard, detector } = setUp();
    detector.start();
    detector.setSuspect(true);
    time.advance(1000);
    expect(heard).toEqual([]);
    time.advance(250);
    expect(heard).toEqual(['silence']);
    detector.start();
    detector.setSuspect(false);
    time.advance(2000);
    expect(heard).toEqual(['silence']);
  });

  it('is content with one word in each two seconds', () => {
    const { time, heard, detector } = setUp();
    detector.start();
    for (let i = 0; i < 20; i++) {
      time.advance(1900);
      detector.handleHeard();
    }
    expect(heard).toEqual([]);
  });

  it('does not take a page that was held up for a silent connection', () => {
    const { time, heard, detector } = setUp();
    detector.start();
    for (let i = 0; i < 10; i++) {
      time.stall(5000);
      time.advance(250);
      detector.handleHeard();
    }
    expect(heard).toEqual([]);
  });

  it('believes the browser at once, as long as it listens at all', () => {
    const { heard, detector } = setUp();
    detector.handleDisconnected();
    expect(heard).toEqual([]);
    detector.start();
    detector.handleDisconnected();
    expect(heard).toEqual(['silence']);
  });

  it('stops with nothing left behind', () => {
    const { time, heard, detector } = setUp();
    detector.start();
    detector.handleDisconnected();
    detector.stop();
    detector.handleHeard();
    time.advance(10_000);
    expect(heard).toEqual(['silence']);
    expect(time.pendingTimers).toBe(0);
  });
});
