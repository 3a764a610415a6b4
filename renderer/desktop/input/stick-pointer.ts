import type { RuntimeTime } from '../../built-in-runtime.ts';
import type { StickOutput } from './stick-output.ts';
import type { XPointer } from './x-pointer.ts';

/** Two steps to a 60 Hz frame: smooth, and next to nothing of a core. */
const STEP_MS = 8;
/** A held-up event loop is not made up for: the pointer would leap. */
const MAX_STEP_MS = 50;

/** A stick that moves the pointer; its timer runs while the stick is away from the middle only. */
export class StickPointer implements StickOutput {
  readonly #pointer: XPointer;
  readonly #pixelsPerSecond: number;
  readonly #time: RuntimeTime;
  #x = 0;
  #y = 0;
  #steppedUs = 0;
  #cancelStep: (() => void) | undefined;

  /** @param pixelsPerSecond at full deflection. */
  constructor(pointer: XPointer, pixelsPerSecond: number, time: RuntimeTime) {
    this.#pointer = pointer;
    this.#pixelsPerSecond = pixelsPerSecond;
    this.#time = time;
  }

  handle(x: number, y: number): void {
    this.#x = x;
    this.#y = y;
    if (x === 0 && y === 0) {
      this.#cancelStep?.();
      this.#cancelStep = undefined;
    } else if (!this.#cancelStep) {
      this.#steppedUs = this.#time.clock.nowUs();
      this.#arm();
    }
  }

  rest(): void {
    this.handle(0, 0);
  }

  #arm(): void {
    this.#cancelStep = this.#time.scheduler.after(STEP_MS, this.#step);
  }

  readonly #step = (): void => {
    const nowUs = this.#time.clock.nowUs();
    const stepMs = Math.min((nowUs - this.#steppedUs) / 1000, MAX_STEP_MS);
    this.#steppedUs = nowUs;
    // The square of the deflection: slow near the middle, where one aims, and all of it at the rim.
    const deflection = Math.min(Math.hypot(this.#x, this.#y), 1);
    const pixels = (this.#pixelsPerSecond * deflection * stepMs) / 1000;
    this.#pointer.moveBy(this.#x * pixels, this.#y * pixels);
    this.#arm();
  };
}
