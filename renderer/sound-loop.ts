import type { Clock, Scheduler } from './clock.ts';
import {
  SOUND_BLOCK_FRAMES,
  SOUND_CHANNELS,
  SOUND_SAMPLE_RATE,
  type SoundBlock,
} from './game-runtime.ts';

const BLOCK_US = (SOUND_BLOCK_FRAMES / SOUND_SAMPLE_RATE) * 1e6;

/**
 * Blocks delivered at once after the event loop was held up. 30 ms is what a player's jitter buffer
 * swallows; more sound than that, delivered late, would be heard late from then on.
 */
const MAX_CATCH_UP_BLOCKS = 3;

export interface SoundLoopOptions {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Writes the next 10 ms. */
  readonly fill: (samples: Float32Array) => void;
  readonly deliver: (block: SoundBlock) => void;
}

/**
 * Asks for 10 ms of sound every 10 ms of the clock, without drift. After a stall it catches up a few
 * blocks and skips the rest: sound never builds up delay.
 */
export class SoundLoop {
  readonly #options: SoundLoopOptions;
  readonly #samples = new Float32Array(SOUND_BLOCK_FRAMES * SOUND_CHANNELS);
  #dueUs = 0;
  #running = false;
  #cancelTimer: (() => void) | undefined;

  constructor(options: SoundLoopOptions) {
    this.#options = options;
  }

  /** The first block comes at once; also the way back from {@link stop}. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#dueUs = this.#options.clock.nowUs();
    this.#arm();
  }

  stop(): void {
    this.#running = false;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #arm(): void {
    const delayMs = Math.max(0, (this.#dueUs - this.#options.clock.nowUs()) / 1000);
    this.#cancelTimer = this.#options.scheduler.after(delayMs, this.#wake);
  }

  readonly #wake = (): void => {
    const nowUs = this.#options.clock.nowUs();
    // At least one block: a timer that fired a fraction of a millisecond early is no reason to wait.
    const behind = Math.max(1, Math.floor((nowUs - this.#dueUs) / BLOCK_US) + 1);
    const blocks = Math.min(behind, MAX_CATCH_UP_BLOCKS);
    this.#dueUs += (behind - blocks) * BLOCK_US;
    for (let i = 0; i < blocks && this.#running; i++) {
      this.#options.fill(this.#samples);
      this.#options.deliver({ samples: this.#samples, dueUs: this.#dueUs });
      this.#dueUs += BLOCK_US;
    }
    if (this.#running) this.#arm();
  };
}
