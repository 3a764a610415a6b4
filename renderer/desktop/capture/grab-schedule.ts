import type { Clock, Scheduler } from '../../clock.ts';

/**
 * How much faster than the frame rate grabs may follow one another. Games that wait in whole
 * milliseconds run at 62.5 frames a second and are meant to run at 60: held to 60, every one of their
 * frames would wait a little longer than the last, up to a whole interval, again and again.
 */
const RATE_SLACK = 1.05;

/**
 * How far a grab may come before its time, in intervals. Without it a single late frame would make all
 * that follow late, because each would have to wait a whole interval after the last; with less than one, a
 * single grab too many (a game that drew in two goes, a picture asked for) would hold back each of
 * the frames after it, until a rate hardly above theirs has made up for it.
 */
const TOLERANCE = 1;

/** How many grabs inputs may add, as a part of the frame rate: 15 a second at 60. */
const INPUT_SHARE = 1 / 4;

/** How many inputs may follow one another at once and each have a grab: a tap is two. */
const INPUT_BURST = 2;

export interface GrabScheduleOptions {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Frames per second. */
  readonly frameRate: number;
  /** Whether a grab can begin: none is under way, and there is memory for it. */
  readonly canGrab: () => boolean;
  /** @param damagedUs when the first of what changed since the last grab was heard of. */
  readonly grab: (damagedUs: number) => void;
}

/**
 * Decides when to grab: only when something changed, at once where the rate allows it, else as soon as
 * it does; with all memory lent, as soon as some comes back. It never polls: while nothing changes, no
 * timer runs.
 *
 * The rate is kept as in the generic cell rate algorithm (ITU-T I.371): each grab moves the time
 * of the next on by one interval, and a grab may come {@link TOLERANCE} before its time. A game that
 * draws at its rate and once more for each press would be beyond it, and the picture of the press the
 * one to wait: {@link expectChange} makes room for it.
 */
export class GrabSchedule {
  readonly #options: GrabScheduleOptions;
  #intervalUs: number;
  /** When the next grab is due, were they evenly spaced. */
  #dueUs = Number.NEGATIVE_INFINITY;
  /** When the next input has a grab of its own, were they evenly spaced. */
  #inputDueUs = Number.NEGATIVE_INFINITY;
  #damagedUs: number | undefined;
  #running = false;
  #cancelTimer: (() => void) | undefined;

  constructor(options: GrabScheduleOptions) {
    this.#options = options;
    this.#intervalUs = intervalOf(options.frameRate);
  }

  /** What changed while it was stopped is grabbed at once, as if it had changed just now. */
  start(): void {
    this.#running = true;
    if (this.#damagedUs !== undefined) this.#damagedUs = this.#options.clock.nowUs();
    this.handleReady();
  }

  stop(): void {
    this.#running = false;
    this.#disarm();
  }

  setFrameRate(frameRate: number): void {
    const before = this.#intervalUs;
    this.#intervalUs = intervalOf(frameRate);
    const nowUs = this.#options.clock.nowUs();
    const aheadUs = Math.max(0, this.#dueUs - nowUs);
    this.#dueUs = nowUs + (aheadUs * this.#intervalUs) / before;
    this.#disarm();
    this.handleReady();
  }

  /**
   * An input may make the game draw out of turn: one grab more than the rate allows, within
   * {@link INPUT_SHARE}. What already waits goes on waiting, as it may be older than the answer; where
   * it is not, it has the answer in it when its time comes.
   */
  expectChange(): void {
    const nowUs = this.#options.clock.nowUs();
    const inputIntervalUs = this.#intervalUs / INPUT_SHARE;
    if (this.#inputDueUs - (INPUT_BURST - 1) * inputIntervalUs > nowUs) return;
    this.#inputDueUs = Math.max(nowUs, this.#inputDueUs) + inputIntervalUs;
    this.#dueUs = Math.max(nowUs, this.#dueUs - this.#intervalUs);
  }

  /** Something changed that is not grabbed yet. */
  handleDamage(): void {
    this.#damagedUs ??= this.#options.clock.nowUs();
    this.handleReady();
  }

  /** `canGrab` may have turned true. */
  handleReady(): void {
    if (!this.#mayGrab()) return;
    const nowUs = this.#options.clock.nowUs();
    const waitUs = this.#dueUs - this.#intervalUs * TOLERANCE - nowUs;
    if (waitUs > 0) this.#cancelTimer = this.#options.scheduler.after(waitUs / 1000, this.#wake);
    else this.#grab(nowUs);
  }

  #mayGrab(): boolean {
    return (
      this.#running &&
      this.#damagedUs !== undefined &&
      this.#cancelTimer === undefined &&
      this.#options.canGrab()
    );
  }

  #grab(nowUs: number): void {
    const damagedUs = this.#damagedUs ?? nowUs;
    this.#damagedUs = undefined;
    this.#dueUs = Math.max(nowUs, this.#dueUs) + this.#intervalUs;
    this.#options.grab(damagedUs);
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** A timer that fired a fraction of a millisecond early is no reason to wait again. */
  readonly #wake = (): void => {
    this.#cancelTimer = undefined;
    if (this.#mayGrab()) this.#grab(this.#options.clock.nowUs());
  };
}

/** Microseconds. */
function intervalOf(frameRate: number): number {
  return 1e6 / (frameRate * RATE_SLACK);
}
