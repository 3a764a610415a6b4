import type { Scheduler } from './clock.ts';

/** What a delay needs of a picture: its memory, and the way to give that back. */
interface Lent {
  readonly pixels: Uint8Array;
  release(): void;
}

/**
 * Hands pictures on a fixed time late, in their order, and keeps nobody waiting meanwhile: it holds
 * copies, and lent memory goes back at once. So what it delays is late and no less frequent. For
 * measuring whether the latency accounting tells the truth; nothing else should want it.
 */
export class PictureDelay {
  readonly #delayMs: number;
  readonly #scheduler: Scheduler;
  readonly #cancels = new Set<() => void>();

  constructor(delayMs: number, scheduler: Scheduler) {
    this.#delayMs = delayMs;
    this.#scheduler = scheduler;
  }

  hold<T extends Lent>(picture: T, pass: (late: T) => void): void {
    const pixels = picture.pixels.slice();
    picture.release();
    const cancel = this.#scheduler.after(this.#delayMs, () => {
      this.#cancels.delete(cancel);
      pass({ ...picture, pixels, release: () => undefined });
    });
    this.#cancels.add(cancel);
  }

  /** Forgets what it holds. */
  close(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }
}
