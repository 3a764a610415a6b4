import type { AVHWDeviceType, AVPixelFormat, FFVideoEncoder } from 'node-av/constants';
import type { VideoCodec } from '../../protocol/stream-settings.ts';
import type { EncoderSettings } from './encoder.ts';

/**
 * What a new bitrate costs: `live` changes take effect at the next frame, and so do those of
 * `quantizer`, an encoder whose rate is decided from here (see {@link QuantizerControl}); `keyframe`
 * changes are answered with an IDR, `reopen` needs a new encoder (and so a keyframe).
 */
export type BitrateChange = 'live' | 'quantizer' | 'keyframe' | 'reopen';

/** How FFmpeg is to be asked for one of its encoders. */
export interface EncoderProfile {
  readonly name: FFVideoEncoder;
  readonly codec: VideoCodec;
  readonly hardware: boolean;
  /** What the encoder reads in system memory; what reaches us is always I420. */
  readonly inputFormat: AVPixelFormat;
  /** Where the encoder reads only frames in its device's memory. */
  readonly upload?: { readonly device: AVHWDeviceType; readonly format: AVPixelFormat };
  readonly bitrateChange: BitrateChange;
  /** What to ask for of each bit wanted, where the encoder does not keep to its rate; else 1. */
  readonly bitrateShare?: number;
  /** x264's constant rate factor, which can be changed before every frame; see {@link RateFactor}. */
  readonly rateFactor?: number;
  /** Size of the rate control's buffer, in frames at the target bitrate. */
  readonly bufferFrames: number;
  /** @returns the quantizer FFmpeg reports of a frame as a fraction, 0 (finest) to 1 (coarsest). */
  quantizerFraction(quantizer: number): number;
  threads(settings: EncoderSettings): number;
  options(settings: EncoderSettings): Record<string, string>;
}

/**
 * VBV of one and a half frames: a frame may spend at most that much more than its share, so no
 * single frame holds the link for longer than that (DESIGN §6).
 */
export const VBV_FRAMES = 1.5;

/** H.264 and H.265: QP 0 to 51. */
export const qpFraction = (quantizer: number): number => quantizer / 51;
