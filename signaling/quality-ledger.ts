import type { ContainerId } from '../protocol/ids.ts';
import type { EndReason } from '../protocol/session-state.ts';
import type { RecentQuality } from './indexer/candidate.ts';

/** What a container was like a month ago says little: about a day of a busy slot. */
const KEPT_SESSIONS = 50;

/** Ends that are the machine's fault, as far as anybody can tell. */
const FAILURES: ReadonlySet<EndReason> = new Set([
  'worker-crashed',
  'connect-timeout',
  'container-lost',
  'machine-degraded',
]);

/** One session that is over. */
export interface Outcome {
  readonly reason: EndReason;
  /** Milliseconds; undefined where its player measured none. */
  readonly clickToPhotonP95Ms: number | undefined;
}

/** How the last sessions of each container went. */
export class QualityLedger {
  readonly #outcomes = new Map<ContainerId, readonly Outcome[]>();

  /** @param earlier outcomes, of before all that are known, oldest first. */
  recall(containerId: ContainerId, earlier: readonly Outcome[]): void {
    this.#keep(containerId, [...earlier, ...this.#known(containerId)]);
  }

  knows(containerId: ContainerId): boolean {
    return this.#outcomes.has(containerId);
  }

  note(containerId: ContainerId, outcome: Outcome): void {
    this.#keep(containerId, [...this.#known(containerId), outcome]);
  }

  /**
   * Of what sessions tell of themselves only a percentile is left, so their median is taken: that is
   * the usual session's p95, not the p95 of all.
   */
  of(containerId: ContainerId): RecentQuality | undefined {
    const outcomes = this.#known(containerId);
    if (outcomes.length === 0) return undefined;
    const measured = outcomes
      .map(({ clickToPhotonP95Ms }) => clickToPhotonP95Ms)
      .filter((ms) => ms !== undefined)
      .sort((a, b) => a - b);
    return {
      // None measured: nothing is held against it.
      clickToPhotonP95Ms: measured[Math.floor(measured.length / 2)] ?? 0,
      sessions: outcomes.length,
      failures: outcomes.filter(({ reason }) => FAILURES.has(reason)).length,
    };
  }

  #known(containerId: ContainerId): readonly Outcome[] {
    return this.#outcomes.get(containerId) ?? [];
  }

  #keep(containerId: ContainerId, outcomes: readonly Outcome[]): void {
    this.#outcomes.set(containerId, outcomes.slice(-KEPT_SESSIONS));
  }
}
