import type { EndReason } from '../../protocol/session-state.ts';
import type { Scheduler } from './scheduler.ts';

/** Ends after which the game may go on elsewhere: nobody wanted them. */
const MOVABLE: ReadonlySet<EndReason> = new Set([
  'container-lost',
  'worker-crashed',
  'shutting-down',
  'machine-degraded',
]);

/** A game that brings down every machine it comes to is stopped after so many. */
const MAX_MOVES = 3;
const WITHIN_MS = 5 * 60_000;

/** How often a game may go on in another session by itself. */
export class MoveBudget {
  readonly #scheduler: Scheduler;
  #movedMs: number[] = [];

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  mayMove(reason: EndReason): boolean {
    const nowMs = this.#scheduler.now();
    this.#movedMs = this.#movedMs.filter((atMs) => nowMs - atMs < WITHIN_MS);
    return MOVABLE.has(reason) && this.#movedMs.length < MAX_MOVES;
  }

  spend(): void {
    this.#movedMs.push(this.#scheduler.now());
  }
}
