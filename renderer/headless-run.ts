import { RockpoolError } from '../protocol/errors.ts';
import type { Resolution } from '../protocol/stream-settings.ts';
import type { CatalogueEntry } from './game-catalogue.ts';
import type { GameRuntime, VideoFrame } from './game-runtime.ts';
import { VirtualTime } from './virtual-time.ts';

/** Its interval is a whole number of microseconds, so that time and grid agree to the last bit. */
const FRAME_RATE = 50;
const INTERVAL_MS = 1000 / FRAME_RATE;

interface Waiting {
  resolve(frame: VideoFrame): void;
  reject(error: Error): void;
}

/**
 * A game that runs with nobody watching, on virtual time: every frame as soon as it is asked for,
 * and the same frames every time.
 */
export class HeadlessRun {
  readonly #runtime: GameRuntime;
  readonly #time: VirtualTime;
  #waiting: Waiting | undefined;
  #started = false;

  /** @throws RockpoolError as `GameRuntime.start` does. */
  static async start(
    entry: CatalogueEntry,
    resolution: Resolution,
    seed: number,
  ): Promise<HeadlessRun> {
    const time = new VirtualTime();
    const runtime = entry.createRuntime({ clock: time, scheduler: time });
    const run = new HeadlessRun(runtime, time);
    try {
      await runtime.start(
        { game: entry.info, resolution, frameRate: FRAME_RATE, seed },
        {
          handleFrame: (frame) => run.#handleFrame(frame),
          handleSound: () => {},
          handleRumble: () => {},
          handleCursor: () => {},
          handleTrouble: () => {},
          handleFailure: (error) => run.#waiting?.reject(error),
          handleOver: () =>
            run.#waiting?.reject(new RockpoolError('game-failed', 'The game ended by itself.')),
        },
      );
    } catch (thrown) {
      await runtime.close();
      throw thrown;
    }
    return run;
  }

  private constructor(runtime: GameRuntime, time: VirtualTime) {
    this.#runtime = runtime;
    this.#time = time;
  }

  /**
   * Ticks once and waits for the picture. It must be released before the next is asked for.
   * @throws RockpoolError what the game failed with.
   */
  nextFrame(): Promise<VideoFrame> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      // The first tick is due at once.
      this.#time.advance(this.#started ? INTERVAL_MS : 0);
      this.#started = true;
    });
  }

  /** From the next frame on; the one before must be released. */
  reshape(resolution: Resolution): Promise<void> {
    return this.#runtime.reshape(resolution, FRAME_RATE);
  }

  close(): Promise<void> {
    return this.#runtime.close();
  }

  #handleFrame(frame: VideoFrame): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting.resolve(frame);
    else frame.release();
  }
}
