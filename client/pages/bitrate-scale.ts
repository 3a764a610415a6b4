import { MAX_BITRATE_BPS, MIN_BITRATE_BPS } from '../../protocol/stream-settings.ts';

const SPAN = Math.log(MAX_BITRATE_BPS / MIN_BITRATE_BPS);

/** Steps of the slider: fine enough that a step changes the rate by less than 3 %. */
export const BITRATE_STEPS = 200;

/** The bitrate at a slider position of 0 to {@link BITRATE_STEPS}, rounded to two digits. */
export function bitrateAtStep(step: number): number {
  const exact = MIN_BITRATE_BPS * Math.exp((step / BITRATE_STEPS) * SPAN);
  const rounded = Number(exact.toPrecision(2));
  return Math.min(Math.max(rounded, MIN_BITRATE_BPS), MAX_BITRATE_BPS);
}

/** The slider position nearest to a bitrate. */
export function stepOfBitrate(bitrateBps: number): number {
  return Math.round((Math.log(bitrateBps / MIN_BITRATE_BPS) / SPAN) * BITRATE_STEPS);
}
