import { beforeEach, describe, expect, it } from 'vitest';
import { DispersionRate } from '../../../server/transport/congestion/dispersion-rate.ts';
import { LossProtection } from '../../../server/transport/loss-protection.ts';
import { VideoRate } from '../../../server/transport/video-rate.ts';
import { ScriptedCongestion } from '../../support/scripted-congestion.ts';

const HD = 1280 * 720;

describe('VideoRate on a path of known speed', () => {
  let congestion = new ScriptedCongestion();
  let dispersion = new DispersionRate();
  let protection = new LossProtection(60);
  beforeEach(() => {
    congestion = new ScriptedCongestion();
    congestion.targetBitrateBps = 30_000_000;
    dispersion = new DispersionRate();
    protection = new LossProtection(60);
  });

  /** Frames of 20 packets that arrive at this rate. */
  function arrive(bitrateBps: number): void {
    const apartUs = (1200 * 8e6) / bitrateBps;
    const packets = Array.from({ length: 600 }, (_, seq) => {
      const sentUs = Math.floor(seq / 20) * 16_667 + (seq % 20) * 20;
      const receivedUs = sentUs + (seq % 20) * (apartUs - 20);
      return { seq, sentUs, bytes: 1200, receivedUs, probeId: undefined };
    });
    dispersion.handleReport({ atUs: 1e6, packets, inFlightBytes: 0 });
  }

  function videoRate(pixels = HD): VideoRate {
    const rate = new VideoRate(
      {
        congestion,
        dispersion,
        protection,
        frameRate: 60,
        handleChange: () => undefined,
      },
      0,
    );
    rate.setPictureSize(pixels);
    rate.update(0);
    return rate;
  }

  it('uses half of it: a frame has arrived when half of its interval is over', () => {
    arrive(24e6);
    // Less sound and headers.
    expect(videoRate().bitrateBps / 12e6).toBeGreaterThan(0.92);
    expect(videoRate().bitrateBps / 12e6).toBeLessThan(1);
  });

  it('uses all that there is while nothing is known, or where half is enough', () => {
    expect(videoRate().bitrateBps / 30e6).toBeGreaterThan(0.92);
    arrive(100e6);
    expect(videoRate().bitrateBps / 30e6).toBeGreaterThan(0.92);
  });

  it('leaves a picture what it needs, a large one more', () => {
    arrive(10e6);
    expect(videoRate().bitrateBps).toBe(8_000_000);
    expect(videoRate(320 * 180).bitrateBps).toBe(8_000_000);
    congestion.targetBitrateBps = 7_000_000;
    expect(videoRate().bitrateBps / 7e6).toBeGreaterThan(0.92);
    arrive(24e6);
    congestion.targetBitrateBps = 20_000_000;
    expect(videoRate(1920 * 1080).bitrateBps / (1920 * 1080 * 60 * 0.12)).toBeCloseTo(1);
    expect(videoRate(3840 * 2160).bitrateBps / 20e6).toBeGreaterThan(0.92);
  });

  it('sends what is needed, and no more, where packets get lost', () => {
    arrive(100e6);
    for (let us = 0; us < 2e6; us += 20_000) protection.update(0.02, undefined, us);
    expect(videoRate().bitrateBps).toBe(8_000_000);
    congestion.targetBitrateBps = 7_000_000;
    expect(videoRate().bitrateBps / 7e6).toBeGreaterThan(0.92);
  });

  it('tells whether a frame is still on its way when one is brought forward', () => {
    expect(videoRate().fillsPath).toBe(false);
    arrive(24e6);
    expect(videoRate().fillsPath).toBe(true);
    arrive(1e9);
    arrive(1e9);
    arrive(1e9);
    expect(videoRate().fillsPath).toBe(false);
  });
});
