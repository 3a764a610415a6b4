import type { EncoderReport } from '../../protocol/container-messages.ts';
import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import { DEFAULT_RESOLUTION, type Resolution } from '../../protocol/stream-settings.ts';
import type { Clock } from '../../renderer/clock.ts';
import { frameBytes } from '../../renderer/game-runtime.ts';
import type { EncoderFactory } from './encoder.ts';
import { decodeStream } from './picture-decoder.ts';

/** Half a second of picture: enough for rate control to settle, short enough for a start-up… */
const MAX_FRAMES = 30;
/** …of an encoder that is fast. One that is not is known well enough after this time… */
const BUDGET_US = 150_000;
/** …and some frames after the keyframe that is asked for. */
const MIN_FRAMES = 12;
const KEYFRAME_AT = 8;
const PROBE_FRAME_RATE = 60;
const PROBE_BITRATE_BPS = 8_000_000;

/** Mean difference of luma, 0 to 255. A picture of something else differs by more than 30. */
const MAX_MEAN_DIFFERENCE = 12;

/** Draws moving texture: stripes that scroll, so that every block has motion to search. */
function drawProbeFrame(i420: Uint8Array, { width, height }: Resolution, index: number): void {
  for (let y = 0; y < height; y++) {
    const row = y * width;
    const stripeY = (y + index * 2) >> 4;
    if (y > 0 && stripeY === (y - 1 + index * 2) >> 4) {
      i420.copyWithin(row, row - width, row);
      continue;
    }
    for (let x = 0; x < width; x++) {
      const stripe = ((x + index * 6) >> 4) ^ stripeY;
      i420[row + x] = 48 + ((stripe * 29) & 0x7f);
    }
  }
  i420.fill(128, width * height);
}

function meanDifference(a: Uint8Array, b: Uint8Array, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
  return sum / length;
}

/**
 * Encodes real frames with one encoder, decodes them and compares.
 * @throws RockpoolError `encoder-failed` where the encoder cannot be relied on.
 */
export async function probeEncoder(
  factory: EncoderFactory,
  clock: Clock,
  size: Resolution = DEFAULT_RESOLUTION,
): Promise<EncoderReport> {
  const { width, height } = size;
  const encoder = await factory.open({
    width,
    height,
    frameRate: PROBE_FRAME_RATE,
    bitrateBps: PROBE_BITRATE_BPS,
    threads: 0,
  });
  const i420 = new Uint8Array(frameBytes('i420', size));
  const units: Uint8Array[] = [];
  let encodeUs = 0;
  try {
    for (let index = 0; index < MAX_FRAMES; index++) {
      if (index >= MIN_FRAMES && encodeUs > BUDGET_US) break;
      drawProbeFrame(i420, size, index);
      const keyframe = index === 0 || index === KEYFRAME_AT;
      const startUs = clock.nowUs();
      const encoded = await encoder.encode(i420, (index + 1) * 1500, keyframe);
      // The first frame pays for threads and buffers once; capacity is what comes after.
      if (index > 0) encodeUs += clock.nowUs() - startUs;
      if (encoded.keyframe !== keyframe) {
        const what = keyframe ? 'ignored a forced keyframe' : 'made a keyframe unasked';
        throw new RockpoolError('encoder-failed', `${factory.name} ${what}.`);
      }
      units.push(encoded.data);
    }
  } finally {
    encoder.close();
  }
  const decoded = await decodeStream(factory.codec, units);
  const sameShape =
    decoded.width === width && decoded.height === height && decoded.frames === units.length;
  if (!sameShape || meanDifference(decoded.luma, i420, width * height) > MAX_MEAN_DIFFERENCE) {
    throw new RockpoolError('encoder-failed', `${factory.name} does not give back its picture.`);
  }
  return {
    name: factory.name,
    codec: factory.codec,
    hardware: factory.hardware,
    pixelsPerSecond: (width * height * (units.length - 1) * 1e6) / Math.max(1, encodeUs),
  };
}

/**
 * Probes encoders one after another, so that each has the machine to itself.
 * @param onRefused hears of every encoder left out, and why.
 * @returns reports of those that work, in the order given.
 */
export async function probeEncoders(
  factories: readonly EncoderFactory[],
  clock: Clock,
  onRefused: (name: string, error: RockpoolError) => void,
): Promise<EncoderReport[]> {
  const reports: EncoderReport[] = [];
  for (const factory of factories) {
    try {
      reports.push(await probeEncoder(factory, clock));
    } catch (error) {
      onRefused(factory.name, toRockpoolError(error, 'encoder-failed'));
    }
  }
  return reports;
}
