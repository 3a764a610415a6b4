import { describe, expect, it } from 'vitest';
import { RateFactor } from '../../../server/encode/rate-factor.ts';

const USUAL = 12;
const WHOLE = 20_000;

/** x264 as far as this goes: six steps halve the bytes, and a VBV holds the quantizer. */
class Scene {
  readonly factor = new RateFactor(USUAL);
  /** Quantizer of the usual factor without a VBV. */
  unheld = 16;
  /** At which a frame has its whole share. */
  held = 25;

  encode(share = 1): number {
    const factor = this.factor.next(share);
    const quantizer = Math.max(this.held, this.unheld + factor - USUAL);
    const bytes = WHOLE * 2 ** ((this.held - quantizer) / 6);
    this.factor.handleFrame(bytes, quantizer, WHOLE);
    return bytes / WHOLE;
  }

  /** Sizes of the frames that have less than their share, each after five that have it. */
  play(...shares: readonly number[]): number[] {
    return shares.map((share) => {
      for (let i = 0; i < 5; i++) expect(this.encode()).toBeCloseTo(1);
      return this.encode(share);
    });
  }
}

describe('RateFactor', () => {
  it('leaves frames that have their whole share alone', () => {
    const factor = new RateFactor(USUAL);
    expect(factor.next(1)).toBe(USUAL);
    factor.handleFrame(WHOLE, 30, WHOLE);
    expect(factor.next(1)).toBe(USUAL);
  });

  it('learns within a few frames how far the VBV holds the quantizer', () => {
    const sizes = new Scene().play(0.5, 0.5, 0.5, 0.5, 0.5, 0.75, 0.6);
    expect(sizes[3]).toBeLessThan(0.6);
    expect(sizes[4]).toBeCloseTo(0.5, 1);
    expect(sizes[5]).toBeCloseTo(0.75, 1);
    expect(sizes[6]).toBeCloseTo(0.6, 1);
  });

  it('never takes a frame below its share for long', () => {
    const scene = new Scene();
    scene.play(0.5, 0.5, 0.5, 0.5, 0.5);
    // The rate doubles, and the quantizer with it.
    scene.held = 19;
    expect(scene.play(0.5)[0]).toBeCloseTo(0.5, 1);
    // Another scene: the factor goes further by itself now.
    scene.unheld = 18;
    const sizes = scene.play(0.5, 0.5, 0.5, 0.5);
    expect(sizes[0]).toBeGreaterThan(0.35);
    expect(sizes[3]).toBeCloseTo(0.5, 1);
  });

  it('is not misled by a picture that needs less than the share anyway', () => {
    const scene = new Scene();
    scene.play(0.5, 0.5, 0.5, 0.5, 0.5);
    for (let i = 0; i < 50; i++) {
      expect(scene.factor.next(0.5)).toBeLessThanOrEqual(51);
      scene.factor.handleFrame(10, 25, WHOLE);
    }
    expect(scene.play(0.5, 0.5, 0.5, 0.5, 0.5)[4]).toBeCloseTo(0.5, 1);
  });
});
