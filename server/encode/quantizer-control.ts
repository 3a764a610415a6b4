import type { EncoderSettings } from './encoder.ts';

/** libvpx's quantizers; each stands for one of VP8's 128 indices (RFC 6386 §9.6). */
const COARSEST = 63;

/** Finer than this (44 dB and more) nobody sees. */
const FINEST = 8;

/** Index of every quantizer: libvpx's own table, which FFmpeg undoes in its reports. */
const INDICES = [
  ...[
    0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 27, 28, 29, 30,
  ],
  ...[
    31, 33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59, 61, 64, 67, 70, 73, 76, 79, 82, 85,
  ],
  ...[88, 91, 94, 97, 100, 103, 106, 109, 112, 115, 118, 121, 124, 127],
];

/** @param quantizer libvpx's, 0 to 63. @returns its index as a fraction, 0 to 1. */
export function vp8IndexFraction(quantizer: number): number {
  return (INDICES[quantizer] ?? 127) / 127;
}

/** A step of quantizer changes the bytes by 4.4 %: 10.3 times from 63 to 10, in a game's motion. */
const LOG_BYTES_PER_STEP = 0.044;

/** Bytes a pixel of a keyframe at {@link COARSEST}, before any was seen: 10 kB at 720p. */
const FIRST_BYTES_PER_PIXEL = 0.011;

/** A keyframe has 1.6 times the bytes of a frame in fast motion, more of one at rest. */
const LOG_KEYFRAME_RATIO = 0.45;

/** How much the newest frame changes what is expected of the next. */
const NEWEST_WEIGHT = 0.6;

/** A frame that came out too large is made up for over this many. */
const RECOVERY_FRAMES = 4;

/** Even then a frame gets this much of its share: less looks worse than what it saves. */
const SMALLEST_SHARE = 0.4;

/**
 * After rest, when frames cost next to nothing, the first that moves is as large as a keyframe at
 * the quantizer of rest: this many shares at most, 100 ms at 60 frames a second. With less, motion
 * that costs a few times less than a keyframe would be kept from spending its bitrate.
 */
const MOST_SHARES = 6;

/**
 * Rate control for an encoder that lets only its quantizer be changed while it is open: from the
 * size of the frames so far it expects that of the next at any quantizer, and chooses the one that
 * spends the frame's share of the bitrate. A change of bitrate so takes effect at the next frame.
 */
export class QuantizerControl {
  readonly #frameRate: number;
  readonly #bufferFrames: number;
  #shareBytes: number;
  /** Logarithm of the bytes a frame would have at quantizer 0. */
  #inter: number | undefined;
  #intra: number;
  #debtBytes = 0;
  #quantizer = COARSEST;

  /** @param bufferFrames shares a keyframe may have. */
  constructor(settings: EncoderSettings, bufferFrames: number) {
    const { width, height, frameRate, bitrateBps } = settings;
    this.#frameRate = frameRate;
    this.#bufferFrames = bufferFrames;
    this.#shareBytes = bitrateBps / 8 / frameRate;
    const firstBytes = width * height * FIRST_BYTES_PER_PIXEL;
    this.#intra = Math.log(firstBytes) + COARSEST * LOG_BYTES_PER_STEP;
  }

  set bitrateBps(bitrateBps: number) {
    this.#shareBytes = bitrateBps / 8 / this.#frameRate;
  }

  /**
   * @param part of its share that the frame may have, above 0 to 1.
   * @returns the quantizer for the next frame, libvpx's scale.
   */
  next(keyframe: boolean, part = 1): number {
    const share = this.#shareBytes;
    const own = share * part;
    const owed = this.#debtBytes / RECOVERY_FRAMES;
    const target = keyframe
      ? Math.max(share, this.#bufferFrames * share - owed)
      : Math.max(SMALLEST_SHARE * own, own - owed);
    const expected = keyframe ? this.#intra : (this.#inter ?? this.#intra - LOG_KEYFRAME_RATIO);
    const fitting = (expected - Math.log(target)) / LOG_BYTES_PER_STEP;
    const prudent = (this.#intra - Math.log(MOST_SHARES * share)) / LOG_BYTES_PER_STEP;
    const quantizer = Math.ceil(Math.max(fitting, prudent));
    this.#quantizer = Math.min(COARSEST, Math.max(FINEST, quantizer));
    return this.#quantizer;
  }

  /** Learns what the frame that {@link next} was asked for came to. */
  handleFrame(bytes: number, keyframe: boolean): void {
    const share = this.#shareBytes;
    // What rest leaves over is not saved up: a burst of it would wait in the network.
    this.#debtBytes = Math.max(-share, this.#debtBytes + bytes - share);
    const seen = Math.log(Math.max(1, bytes)) + this.#quantizer * LOG_BYTES_PER_STEP;
    if (keyframe) {
      this.#intra = seen;
      this.#inter ??= seen - LOG_KEYFRAME_RATIO;
      return;
    }
    this.#inter =
      this.#inter === undefined ? seen : this.#inter + NEWEST_WEIGHT * (seen - this.#inter);
    // A keyframe of a scene is never cheaper than its motion.
    this.#intra = Math.max(this.#intra, this.#inter + LOG_KEYFRAME_RATIO);
  }
}
