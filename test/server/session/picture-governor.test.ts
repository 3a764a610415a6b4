import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RESOLUTIONS, VIDEO_CODECS } from '../../../protocol/stream-settings.ts';
import { type EncodedWindow, PictureGovernor } from '../../../server/session/picture-governor.ts';

const HD = { width: 1280, height: 720 };
const SMALLEST = RESOLUTIONS[0];

const fine: EncodedWindow = { codec: 'h264', quantizer: 0.4, bitrateBps: 8_000_000, skipped: 0 };
const good: EncodedWindow = { codec: 'h264', quantizer: 0.68, bitrateBps: 2_000_000, skipped: 0 };
const coarse: EncodedWindow = { codec: 'h264', quantizer: 0.8, bitrateBps: 1_000_000, skipped: 0 };
const hopeless: EncodedWindow = { codec: 'h264', quantizer: 1, bitrateBps: 300_000, skipped: 0 };

function feed(governor: PictureGovernor, window: EncodedWindow, times: number): number {
  let changes = 0;
  for (let i = 0; i < times; i++) if (governor.handleWindow(window)) changes++;
  return changes;
}

describe('PictureGovernor', () => {
  it('sends the game as it is while the picture is good', () => {
    const governor = new PictureGovernor(HD, 60);
    expect(feed(governor, good, 100)).toBe(0);
    expect(governor.sent).toEqual({ ...HD, frameRate: 60 });
  });

  it('makes the picture smaller before it shows blocks', () => {
    const governor = new PictureGovernor(HD, 60);
    expect(feed(governor, coarse, 2)).toBe(1);
    expect(governor.sent).toEqual({ width: 960, height: 540, frameRate: 60 });
  });

  it('goes down several sizes at once where one will not do', () => {
    const governor = new PictureGovernor(HD, 60);
    feed(governor, hopeless, 1);
    expect(governor.sent.width).toBeLessThan(960);
  });

  it('halves the frame rate last, and never below 30', () => {
    const governor = new PictureGovernor(HD, 60);
    feed(governor, hopeless, 50);
    expect(governor.sent).toEqual({ ...SMALLEST, frameRate: 30 });
    const slow = new PictureGovernor(HD, 30);
    feed(slow, hopeless, 50);
    expect(slow.sent).toEqual({ ...SMALLEST, frameRate: 30 });
  });

  it('takes frames that did not fit as a picture that is too large', () => {
    const governor = new PictureGovernor(HD, 60);
    expect(feed(governor, { ...good, skipped: 0.3 }, 1)).toBe(1);
    expect(governor.sent.width).toBe(960);
  });

  it('comes back in as many steps as it takes, full rate first, once the network does', () => {
    const governor = new PictureGovernor(HD, 60);
    feed(governor, hopeless, 50);
    const frameRates = new Set<number>();
    for (let i = 0; i < 20; i++) {
      governor.handleWindow({ ...fine, quantizer: 0.2 });
      frameRates.add(governor.sent.frameRate);
      if (governor.sent.width > SMALLEST.width) expect(governor.sent.frameRate).toBe(60);
    }
    expect(frameRates).toEqual(new Set([30, 60]));
    expect(governor.sent).toEqual({ ...HD, frameRate: 60 });
  });

  it('tries a larger picture only where it is expected to look well', () => {
    const governor = new PictureGovernor(HD, 60);
    feed(governor, coarse, 1);
    expect(feed(governor, good, 100)).toBe(0);
  });

  it('waits longer after each larger picture that had to be taken back', () => {
    const governor = new PictureGovernor(HD, 60);
    const windowsUntilUp = (): number => {
      for (let windows = 1; windows < 1000; windows++)
        if (governor.handleWindow(fine)) return windows;
      return Number.POSITIVE_INFINITY;
    };
    feed(governor, coarse, 2);
    const first = windowsUntilUp();
    feed(governor, coarse, 2);
    const second = windowsUntilUp();
    feed(governor, coarse, 2);
    const third = windowsUntilUp();
    expect(second).toBeGreaterThan(first);
    expect(third).toBeGreaterThan(second);
  });

  it('goes by bits a pixel where the encoder does not tell how coarse it was', () => {
    const governor = new PictureGovernor(HD, 60);
    const window = { codec: 'vp8', quantizer: undefined, skipped: 0 } as const;
    feed(governor, { ...window, bitrateBps: 1_000_000 }, 2);
    expect(governor.sent.width).toBeLessThan(1280);
    feed(governor, { ...window, bitrateBps: 8_000_000 }, 10);
    expect(governor.sent).toEqual({ ...HD, frameRate: 60 });
  });

  it('follows the game to another size, and keeps a reduced one', () => {
    const governor = new PictureGovernor(HD, 60);
    governor.setGame({ width: 1920, height: 1080 }, 60);
    expect(governor.sent.width).toBe(1920);
    feed(governor, coarse, 1);
    const reduced = governor.sent;
    governor.setGame({ width: 1600, height: 900 }, 60);
    expect(governor.sent).toEqual(reduced);
    governor.setGame({ width: 640, height: 360 }, 120);
    expect(governor.sent).toEqual({ width: 640, height: 360, frameRate: 120 });
  });

  it('keeps the shape of a picture that is not 16:9, and even numbers of pixels', () => {
    const governor = new PictureGovernor({ width: 800, height: 600 }, 35);
    expect(governor.sent).toEqual({ width: 800, height: 600, frameRate: 35 });
    feed(governor, coarse, 1);
    const { width, height } = governor.sent;
    expect(width).toBeLessThan(800);
    expect(Math.abs(width / height - 4 / 3)).toBeLessThan(0.02);
    expect([width % 2, height % 2]).toEqual([0, 0]);
    feed(governor, hopeless, 50);
    expect(governor.sent.frameRate).toBe(18);
    feed(governor, { ...fine, quantizer: 0.2 }, 50);
    expect(governor.sent).toEqual({ width: 800, height: 600, frameRate: 35 });
  });

  it('follows a game to a picture of another shape with no more pixels than it sent before', () => {
    const governor = new PictureGovernor({ width: 1600, height: 1200 }, 60);
    feed(governor, coarse, 1);
    const before = governor.sent.width * governor.sent.height;
    governor.setGame(HD, 60);
    const { width, height } = governor.sent;
    expect(width * height).toBeLessThanOrEqual(before);
    expect(RESOLUTIONS).toContainEqual({ width, height });
  });

  it('never sends more than the game draws, whatever it is told', () => {
    const window = fc.record({
      codec: fc.constantFrom(...VIDEO_CODECS),
      quantizer: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
      bitrateBps: fc.double({ min: 1, max: 1e8, noNaN: true }),
      skipped: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(window, { maxLength: 60 }), (windows) => {
        const governor = new PictureGovernor(HD, 60);
        for (const one of windows) {
          governor.handleWindow(one);
          const { width, height, frameRate } = governor.sent;
          expect(RESOLUTIONS).toContainEqual({ width, height });
          expect(width).toBeLessThanOrEqual(1280);
          expect([30, 60]).toContain(frameRate);
        }
      }),
    );
  });
});
