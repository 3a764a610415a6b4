import type { RateLimiterAbstract } from 'rate-limiter-flexible';

/** How long {@link PointsInAdvance} keeps what nobody uses beyond its window, at most, milliseconds. */
const SWEEP_INTERVAL_MS = 10_000;

interface Held {
  points: number;
  readonly untilMs: number;
}

/**
 * A limit that is counted somewhere else, over a network: its points are taken there many at a time and
 * spent here, so that most of what is counted waits for nobody. What is left at the end of a window is
 * lost: whoever is near the limit is refused up to one such part too early.
 */
export class PointsInAdvance {
  readonly #limiter: Pick<RateLimiterAbstract, 'consume'>;
  readonly #part: number;
  readonly #nowMs: () => number;
  readonly #held = new Map<string, Held>();
  readonly #taking = new Map<string, Promise<void>>();
  #sweptMs: number;

  /**
   * @param part how many points are taken at once.
   * @param nowMs monotonic milliseconds.
   */
  constructor(
    limiter: Pick<RateLimiterAbstract, 'consume'>,
    part: number,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#limiter = limiter;
    this.#part = part;
    this.#nowMs = nowMs;
    this.#sweptMs = nowMs();
  }

  /** Rejects as the limiter does. */
  async consume(key: string, points: number): Promise<void> {
    while (!this.#spend(key, points)) {
      // Who comes meanwhile waits for the same part.
      await (this.#taking.get(key) ?? this.#take(key, points));
    }
  }

  #spend(key: string, points: number): boolean {
    const held = this.#held.get(key);
    if (!held || held.points < points || held.untilMs <= this.#nowMs()) return false;
    held.points -= points;
    return true;
  }

  #take(key: string, points: number): Promise<void> {
    this.#sweep();
    const taken = Math.max(this.#part, points);
    const taking = this.#limiter
      .consume(key, taken)
      .then(({ msBeforeNext }) => {
        // One point of time at least, or what was taken at the end of a window would be asked for for ever.
        const untilMs = this.#nowMs() + Math.max(1, msBeforeNext);
        this.#held.set(key, { points: taken, untilMs });
      })
      .finally(() => this.#taking.delete(key));
    this.#taking.set(key, taking);
    return taking;
  }

  #sweep(): void {
    const nowMs = this.#nowMs();
    if (nowMs - this.#sweptMs < SWEEP_INTERVAL_MS) return;
    this.#sweptMs = nowMs;
    for (const [key, { untilMs }] of this.#held) if (untilMs <= nowMs) this.#held.delete(key);
  }
}
