import { describe, expect, it } from 'vitest';
import {
  BITRATE_STEPS,
  bitrateAtStep,
  stepOfBitrate,
} from '../../../client/pages/bitrate-scale.ts';
import {
  DEFAULT_BITRATE_BPS,
  MAX_BITRATE_BPS,
  MIN_BITRATE_BPS,
  streamSettingsSchema,
} from '../../../protocol/stream-settings.ts';

const steps = Array.from({ length: BITRATE_STEPS + 1 }, (_, step) => step);

describe('the bitrate slider', () => {
  it('reaches both ends of what the protocol allows', () => {
    expect(bitrateAtStep(0)).toBe(MIN_BITRATE_BPS);
    expect(bitrateAtStep(BITRATE_STEPS)).toBe(MAX_BITRATE_BPS);
  });

  it('gives only bitrates that the protocol accepts, never falling', () => {
    for (const step of steps) {
      const { success } = streamSettingsSchema.shape.maxBitrateBps.safeParse(bitrateAtStep(step));
      expect(success).toBe(true);
      if (step > 0) expect(bitrateAtStep(step)).toBeGreaterThanOrEqual(bitrateAtStep(step - 1));
    }
  });

  it('stays where it was put', () => {
    for (const step of steps) {
      const bitrateBps = bitrateAtStep(step);
      expect(bitrateAtStep(stepOfBitrate(bitrateBps))).toBe(bitrateBps);
    }
  });

  it('can be put back to the default', () => {
    expect(bitrateAtStep(stepOfBitrate(DEFAULT_BITRATE_BPS))).toBe(DEFAULT_BITRATE_BPS);
  });
});
