import {
  SOUND_BLOCK_FRAMES,
  SOUND_CHANNELS,
  SOUND_SAMPLE_RATE,
  type SoundBlock,
} from '../../game-runtime.ts';

const BLOCK_US = (SOUND_BLOCK_FRAMES / SOUND_SAMPLE_RATE) * 1e6;

/** Later than this is worth less than what comes after it: what a player's jitter buffer swallows. */
const MAX_LATE_US = 30_000;

/**
 * After a stall what was held back arrives within a few milliseconds. Sound that is still late after
 * this long is not being caught up: some was lost, and what comes now is what is due now.
 */
const LOST_AFTER_US = 100_000;

/** No pipe holds so much: there was none meanwhile, because nothing played. */
const RESTED_US = 1_000_000;

/**
 * Cuts a stream of interleaved 32-bit float samples into blocks of 10 ms, each due a whole number of
 * them after the one before. The stream runs at the rate of the clock, so that its blocks arrive when
 * they are due; after a stall the late ones are skipped: sound never builds up delay. Nothing is skipped
 * of the first sound after a rest.
 */
export class BlockCutter {
  readonly #deliver: (block: SoundBlock) => void;
  readonly #samples = new Float32Array(SOUND_BLOCK_FRAMES * SOUND_CHANNELS);
  readonly #bytes = new Uint8Array(this.#samples.buffer);
  #filledBytes = 0;
  #dueUs: number | undefined;
  #lateSinceUs: number | undefined;

  /** @param deliver gets memory that is written again with the next block. */
  constructor(deliver: (block: SoundBlock) => void) {
    this.#deliver = deliver;
  }

  /**
   * @param bytes of any number: they need not end with a block, a frame or a sample.
   * @param nowUs when they arrived; microseconds of the runtime's clock.
   */
  cut(bytes: Uint8Array, nowUs: number): void {
    let taken = 0;
    while (taken < bytes.length) {
      const part = bytes.subarray(taken, taken + this.#bytes.length - this.#filledBytes);
      this.#bytes.set(part, this.#filledBytes);
      taken += part.length;
      this.#filledBytes += part.length;
      if (this.#filledBytes < this.#bytes.length) return;
      this.#filledBytes = 0;
      this.#finishBlock(nowUs);
    }
  }

  #finishBlock(nowUs: number): void {
    let dueUs = this.#dueUs ?? nowUs;
    const lateUs = nowUs - dueUs;
    if (lateUs > MAX_LATE_US) {
      this.#lateSinceUs ??= nowUs;
      if (nowUs - this.#lateSinceUs < LOST_AFTER_US && lateUs < RESTED_US) {
        this.#dueUs = dueUs + BLOCK_US;
        return;
      }
      dueUs += lateUs - (lateUs % BLOCK_US);
    }
    this.#lateSinceUs = undefined;
    // The first one had been held up, and others with it: their time was given to those before them.
    if (lateUs < -BLOCK_US) return;
    this.#dueUs = dueUs + BLOCK_US;
    bound(this.#samples);
    this.#deliver({ samples: this.#samples, dueUs });
  }
}

/** Loud sounds add up to more than 1, and a program may play what is no number. */
function bound(samples: Float32Array): void {
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i] ?? 0;
    if (!(sample >= -1 && sample <= 1)) samples[i] = Math.max(-1, Math.min(1, sample)) || 0;
  }
}
