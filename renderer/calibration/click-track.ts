import { SOUND_BLOCK_FRAMES, SOUND_CHANNELS, SOUND_SAMPLE_RATE } from '../game-runtime.ts';

const CLICK_HZ = 2000;
/** Long enough for Opus to code as a tone, short enough to have an onset within a sample block. */
const CLICK_FRAMES = SOUND_BLOCK_FRAMES / 2;
const LOUDNESS = 0.8;

/** Silence, but for a 5 ms click at the start of the block after each flip. */
export class ClickTrack {
  #pending = false;

  click(): void {
    this.#pending = true;
  }

  fill(samples: Float32Array): void {
    samples.fill(0);
    if (!this.#pending) return;
    this.#pending = false;
    for (let i = 0; i < CLICK_FRAMES; i++) {
      const decay = 1 - i / CLICK_FRAMES;
      const phase = (2 * Math.PI * CLICK_HZ * i) / SOUND_SAMPLE_RATE;
      samples.fill(
        LOUDNESS * decay * Math.sin(phase),
        i * SOUND_CHANNELS,
        (i + 1) * SOUND_CHANNELS,
      );
    }
  }
}
