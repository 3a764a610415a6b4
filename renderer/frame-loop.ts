import type { Clock, Scheduler } from './clock.ts';

/**
 * Shortest time between two ticks, as a part of the interval. A quarter (4.2 ms at 60 fps) is about
 * what one software-encoded 720p frame occupies the encoder: an earlier tick would only wait there.
 */
const MIN_GAP = 1 / 4;

/** A tick later than this part of the interval starts a new grid instead of catching up. */
const MAX_LATENESS = 1 / 4;

/** How much of the time that passes may be spent on ticking early: the rate stays below 110 %. */
const EARLY_SHARE = 0.1;

export interface FrameLoopOptions {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Frames per second. */
  readonly frameRate: number;
  /** Whether a frame can be drawn now: the last one is finished and there is memory for another. */
  readonly canTick: () => boolean;
  readonly tick: (nowUs: number) => void;
}

/**
 * Decides when a game ticks.
 *
 * Ticks lie on a grid, t0 + k·T: each delay is computed from the grid, so timer errors do not add
 * up. A tick that is late by more than T/4 (a stall, a slow render, buffers all lent) starts a new
 * grid: nothing is ever made up for in a burst, and a renderer slower than T ticks as often as it
 * can rather than at every second grid point.
 *
 * An early tick on input starts a new grid as well, one interval before the next tick: keeping the
 * old grid would follow the early tick with a gap of up to 2T (which is seen) or draw a frame more.
 * So an input shortens one interval, and games, which move by dt, stay smooth. What early ticks may
 * shorten in total is a credit that grows by 10 % of the time that passes, up to one interval: a
 * press now and then ticks at once, and a storm of presses cannot drive the loop beyond 110 % of its
 * rate. A press that comes sooner than T/4 after a tick, or with too little credit, brings the next
 * tick as far forward as these allow.
 */
export class FrameLoop {
  readonly #options: FrameLoopOptions;
  #intervalUs: number;
  /** The next grid point. */
  #dueUs = 0;
  #lastTickUs = Number.NEGATIVE_INFINITY;
  #creditUs: number;
  /** When input wants a tick before the grid does. */
  #earlyUs: number | undefined;
  /** A tick came due and could not run; it runs as soon as it can. */
  #owed = false;
  #running = false;
  #cancelTimer: (() => void) | undefined;

  constructor(options: FrameLoopOptions) {
    this.#options = options;
    this.#intervalUs = 1e6 / options.frameRate;
    this.#creditUs = this.#intervalUs;
  }

  /** Ticks at once and then at the frame rate; also the way back from {@link stop}. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#dueUs = this.#options.clock.nowUs();
    this.#arm();
  }

  /** No tick runs until {@link start}. */
  stop(): void {
    this.#running = false;
    this.#owed = false;
    this.#earlyUs = undefined;
    this.#disarm();
  }

  setFrameRate(frameRate: number): void {
    this.#intervalUs = 1e6 / frameRate;
    this.#creditUs = Math.min(this.#creditUs, this.#intervalUs);
    this.#dueUs = Math.max(this.#options.clock.nowUs(), this.#lastTickUs + this.#intervalUs);
    this.#earlyUs = undefined;
    if (this.#running) this.#arm();
  }

  /** An input wants to be seen. The tick never runs inside this call: inputs that came together share it. */
  requestEarlyTick(): void {
    if (!this.#running || this.#owed) return;
    const earlyUs = Math.max(
      this.#options.clock.nowUs(),
      this.#lastTickUs + this.#intervalUs * MIN_GAP,
      this.#dueUs - this.#creditUs,
    );
    if (earlyUs >= (this.#earlyUs ?? this.#dueUs)) return;
    this.#earlyUs = earlyUs;
    this.#arm();
  }

  /** `canTick` may have turned true. */
  handleReady(): void {
    if (!this.#owed) return;
    this.#owed = false;
    this.#arm();
  }

  #arm(): void {
    this.#disarm();
    const atUs = this.#earlyUs ?? this.#dueUs;
    const delayMs = Math.max(0, (atUs - this.#options.clock.nowUs()) / 1000);
    this.#cancelTimer = this.#options.scheduler.after(delayMs, this.#wake);
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  readonly #wake = (): void => {
    this.#cancelTimer = undefined;
    if (!this.#options.canTick()) {
      this.#owed = true;
      return;
    }
    const nowUs = this.#options.clock.nowUs();
    const interval = this.#intervalUs;
    const early = this.#earlyUs !== undefined && nowUs < this.#dueUs;
    if (early) this.#creditUs -= this.#dueUs - nowUs;
    if (this.#lastTickUs >= 0) {
      const earnedUs = (nowUs - this.#lastTickUs) * EARLY_SHARE;
      this.#creditUs = Math.min(interval, Math.max(0, this.#creditUs) + earnedUs);
    }
    const late = nowUs - this.#dueUs > interval * MAX_LATENESS;
    this.#dueUs = (early || late ? nowUs : this.#dueUs) + interval;
    this.#earlyUs = undefined;
    this.#lastTickUs = nowUs;
    this.#arm();
    this.#options.tick(nowUs);
  };
}
