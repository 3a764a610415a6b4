import {
  type LatencyCounts,
  LatencyHistogram,
  latencyTotal,
} from '../../../protocol/latency-histogram.ts';
import { LATENCY_STAGES } from '../../../protocol/latency-stages.ts';
import type { StageMedians } from '../../../protocol/quality-report.ts';
import type { InsightFigures } from '../../../protocol/studio-insight.ts';
import type { PlayRecord } from '../../store/store.ts';

const HOUR_MS = 60 * 60 * 1000;

/** A quarter of an hour of steady keys: who moves a mouse for a night does not speak for all others. */
export const MAX_SESSION_WEIGHT = 10_000;

/** What each input of a session weighs among those of others. */
export function inputWeight(counts: LatencyCounts): number {
  return Math.min(1, MAX_SESSION_WEIGHT / latencyTotal(counts));
}

/** Adds sessions up. */
export class InsightTally {
  readonly #players = new Set<string>();
  readonly #latency = new LatencyHistogram();
  readonly #stages: StageMedians[] = [];
  #sessions = 0;
  #lastedMs = 0;
  #reported = 0;
  #measured = 0;
  #shownMs = 0;
  #frames = 0;
  #freezes = 0;
  #frozenMs = 0;

  get sessions(): number {
    return this.#sessions;
  }

  /** Sessions that measured their click-to-photon. */
  get measured(): number {
    return this.#measured;
  }

  /** @param nowMs up to when one that runs is counted. */
  add({ playerId, startedAtMs, endedAtMs, quality }: PlayRecord, nowMs: number): void {
    this.#sessions++;
    this.#players.add(playerId);
    this.#lastedMs += Math.max(0, (endedAtMs ?? nowMs) - startedAtMs);
    if (!quality) return;
    this.#reported++;
    this.#shownMs += quality.playedMs;
    this.#frames += quality.frames;
    this.#freezes += quality.freezes;
    this.#frozenMs += quality.frozenMs;
    if (quality.stagesP50Ms) this.#stages.push(quality.stagesP50Ms);
    if (!quality.clickToPhoton) return;
    this.#measured++;
    this.#latency.add(quality.clickToPhoton, inputWeight(quality.clickToPhoton));
  }

  /** How they were, all together. */
  figures(): InsightFigures {
    const shownMs = this.#shownMs;
    const wasShown = shownMs > 0;
    return {
      sessions: this.#sessions,
      players: this.#players.size,
      lastedMs: this.#lastedMs,
      reported: this.#reported,
      clickToPhotonP50Ms: this.#latency.percentile(0.5) ?? null,
      clickToPhotonP95Ms: this.#latency.percentile(0.95) ?? null,
      stagesMs: mediansOf(this.#stages),
      frameRate: wasShown ? this.#frames / (shownMs / 1000) : null,
      freezesPerHour: wasShown ? this.#freezes / (shownMs / HOUR_MS) : null,
      // What froze last may be counted before what was shown is.
      frozenShare: wasShown ? Math.min(1, this.#frozenMs / shownMs) : null,
    };
  }
}

function mediansOf(sessions: readonly StageMedians[]): StageMedians | null {
  if (sessions.length === 0) return null;
  const medians = LATENCY_STAGES.map(
    (stage) => [stage, median(sessions.map((session) => session[stage]))] as const,
  );
  return Object.fromEntries(medians) as StageMedians;
}

/** Between the two in the middle, where there are two. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(at)] ?? 0) + (sorted[Math.ceil(at)] ?? 0)) / 2;
}

/** Sessions in groups, each added up. */
export class InsightTallies<K> {
  readonly #groups = new Map<K, InsightTally>();

  add(key: K, session: PlayRecord, nowMs: number): void {
    let tally = this.#groups.get(key);
    if (!tally) {
      tally = new InsightTally();
      this.#groups.set(key, tally);
    }
    tally.add(session, nowMs);
  }

  get(key: K): InsightTally | undefined {
    return this.#groups.get(key);
  }

  /** Those with the most sessions, and these first. */
  largest(limit: number): (readonly [K, InsightTally])[] {
    return [...this.#groups].sort(([, a], [, b]) => b.sessions - a.sessions).slice(0, limit);
  }

  all(): (readonly [K, InsightTally])[] {
    return [...this.#groups];
  }
}
