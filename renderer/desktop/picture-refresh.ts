import type { Scheduler } from '../clock.ts';

/**
 * After the last change, in milliseconds. What stands still is sent again: the encoder makes it
 * sharper with each picture, and a receiver learns of a lost one only from the next.
 */
const REFRESHES_MS = [50, 100, 200, 400] as const;
/** Enough for a receiver to notice that all is well; 3 ms of encoding each at 720p. */
const IDLE_REFRESH_MS = 2000;

/** Asks for the picture again, ever less often, while a game draws nothing. */
export class PictureRefresh {
  readonly #scheduler: Scheduler;
  readonly #refresh: () => void;
  #next = 0;
  #running = false;
  #cancel: () => void = () => undefined;

  constructor(scheduler: Scheduler, refresh: () => void) {
    this.#scheduler = scheduler;
    this.#refresh = refresh;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.handleChange();
  }

  stop(): void {
    this.#running = false;
    this.#cancel();
  }

  /** The game has drawn something. */
  handleChange(): void {
    if (!this.#running) return;
    this.#next = 0;
    this.#later();
  }

  /**
   * The player has done something, which may change nothing: browsers repeat an input until a picture
   * says that the game has it. One that is due sooner than a first one is not put off.
   */
  handleInput(): void {
    if (this.#next > 0) this.handleChange();
  }

  #later(): void {
    this.#cancel();
    this.#cancel = this.#scheduler.after(REFRESHES_MS[this.#next] ?? IDLE_REFRESH_MS, () => {
      this.#next++;
      this.#later();
      this.#refresh();
    });
  }
}
