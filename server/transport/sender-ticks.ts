import type { Clock, Scheduler } from '../../renderer/clock.ts';

/** Congestion control asks for at most 25 ms while pictures are sent, and timers may be late. */
const TICK_MS = 20;

/** What depends on time between two pictures of a game that draws nothing takes longer steps. */
const CALM_TICK_MS = 100;
/** This long after the last picture: what it called for, repair and its first feedback, is over. */
const CALM_AFTER_US = 200_000;

/** Time goes on for congestion control this long after the last packet: feedback still comes. */
const IDLE_US = 1_000_000;

export interface SenderTicksHost {
  tick(nowUs: number): void;
  /** Whether something waits to leave. */
  isWaiting(): boolean;
  /** When the last picture was taken to be sent. */
  lastVideoUs(): number;
}

/**
 * Lets time pass for a sender: quickly while pictures are sent, slowly between rare ones, and not at
 * all while nothing is.
 */
export class SenderTicks {
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #host: SenderTicksHost;
  #cancelTimer: (() => void) | undefined;
  #calm = false;
  #lastSentUs = 0;
  #closed = false;

  constructor(
    time: { readonly clock: Clock; readonly scheduler: Scheduler },
    host: SenderTicksHost,
  ) {
    this.#clock = time.clock;
    this.#scheduler = time.scheduler;
    this.#host = host;
  }

  /** Something was sent, or taken to be. */
  handleSent(nowUs: number): void {
    this.#lastSentUs = nowUs;
    if (this.#cancelTimer && this.#calm === this.#isCalm(nowUs)) return;
    this.#cancelTimer?.();
    this.#arm(nowUs);
  }

  /** Idempotent; no tick comes after it. */
  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
  }

  #isCalm(nowUs: number): boolean {
    return nowUs - this.#host.lastVideoUs() > CALM_AFTER_US && !this.#host.isWaiting();
  }

  /** Not after closing, which may have happened in a call to the host. */
  #arm(nowUs: number): void {
    if (this.#closed) return;
    this.#calm = this.#isCalm(nowUs);
    this.#cancelTimer = this.#scheduler.after(this.#calm ? CALM_TICK_MS : TICK_MS, this.#wake);
  }

  readonly #wake = (): void => {
    this.#cancelTimer = undefined;
    const nowUs = this.#clock.nowUs();
    this.#host.tick(nowUs);
    if (nowUs - this.#lastSentUs <= IDLE_US || this.#host.isWaiting()) this.#arm(nowUs);
  };
}
