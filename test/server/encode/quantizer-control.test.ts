import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QuantizerControl, vp8IndexFraction } from '../../../server/encode/quantizer-control.ts';

const SETTINGS = { width: 1280, height: 720, frameRate: 60, bitrateBps: 6_000_000, threads: 1 };
const SHARE_BYTES = SETTINGS.bitrateBps / 8 / SETTINGS.frameRate;

/** A picture that has so many bytes at quantizer 63, and 5 % more for every step below. */
const coded = (bytesAt63: number, quantizer: number): number =>
  bytesAt63 * Math.exp(0.05 * (63 - quantizer));

function encode(control: QuantizerControl, bytesAt63: number, keyframe = false): number {
  const bytes = coded(bytesAt63, control.next(keyframe));
  control.handleFrame(bytes, keyframe);
  return bytes;
}

describe('QuantizerControl', () => {
  it('spends the bitrate, and no frame much more than its share', () => {
    const control = new QuantizerControl(SETTINGS, 1.5);
    encode(control, 8000, true);
    const sizes = Array.from({ length: 300 }, (_, i) => encode(control, 4500 + 500 * Math.sin(i)));
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    expect(mean / SHARE_BYTES).toBeGreaterThan(0.95);
    expect(mean / SHARE_BYTES).toBeLessThan(1.02);
    expect(Math.max(...sizes.slice(10)) / SHARE_BYTES).toBeLessThan(1.4);
  });

  it('follows a new bitrate at the next frame', () => {
    const control = new QuantizerControl(SETTINGS, 1.5);
    encode(control, 8000, true);
    for (let i = 0; i < 30; i++) encode(control, 2000);
    control.bitrateBps = 2_000_000;
    expect(encode(control, 2000)).toBeLessThan(SHARE_BYTES / 2);
    control.bitrateBps = 6_000_000;
    for (let i = 0; i < 5; i++) encode(control, 2000);
    expect(encode(control, 2000)).toBeGreaterThan(SHARE_BYTES * 0.8);
  });

  it('gives a keyframe no more than its buffer, once it has seen one', () => {
    const control = new QuantizerControl(SETTINGS, 1.5);
    encode(control, 9000, true);
    for (let i = 0; i < 30; i++) encode(control, 4500);
    expect(encode(control, 9000, true) / SHARE_BYTES).toBeLessThan(1.7);
  });

  it('stays coarse enough at rest that the first motion is six shares at most', () => {
    const control = new QuantizerControl(SETTINGS, 1.5);
    encode(control, 8000, true);
    for (let i = 0; i < 600; i++) encode(control, 5);
    expect(encode(control, 8000) / SHARE_BYTES).toBeLessThan(8);
  });

  it('makes up for a frame that came out too large within a few frames', () => {
    const control = new QuantizerControl(SETTINGS, 1.5);
    encode(control, 8000, true);
    for (let i = 0; i < 30; i++) encode(control, 2000);
    let spent = encode(control, 6000);
    expect(spent).toBeGreaterThan(2 * SHARE_BYTES);
    for (let i = 0; i < 11; i++) spent += encode(control, 6000);
    expect(spent / 12 / SHARE_BYTES).toBeLessThan(1.15);
  });

  it('answers any sizes with a whole quantizer between 8 and 63', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(10_000_000), fc.boolean(), fc.integer({ min: 1, max: 1e9 }))),
        (frames) => {
          const control = new QuantizerControl(SETTINGS, 1.5);
          for (const [bytes, keyframe, bitrateBps] of frames) {
            control.bitrateBps = bitrateBps;
            const quantizer = control.next(keyframe);
            expect(Number.isInteger(quantizer) && quantizer >= 8 && quantizer <= 63).toBe(true);
            control.handleFrame(bytes, keyframe);
          }
        },
      ),
    );
  });
});

describe('vp8IndexFraction', () => {
  it('rises from 0 to 1 over the 64 quantizers', () => {
    const fractions = Array.from({ length: 64 }, (_, quantizer) => vp8IndexFraction(quantizer));
    expect(fractions[0]).toBe(0);
    expect(fractions[63]).toBe(1);
    for (const [i, fraction] of fractions.entries()) {
      if (i > 0) expect(fraction).toBeGreaterThan(fractions[i - 1] ?? 1);
    }
  });
});
