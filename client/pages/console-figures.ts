import type { PastPlay } from '../../protocol/console-report.ts';
import type { EndReason } from '../../protocol/session-state.ts';

const HOUR_MS = 60 * 60 * 1000;

/** Click-to-photon of the sessions that have measured any, oldest first; columns of equal length. */
export interface DelayColumns {
  /** When each began, epoch seconds. */
  readonly startedS: readonly number[];
  readonly p50Ms: readonly number[];
  readonly p95Ms: readonly number[];
}

export function delayColumns(sessions: readonly PastPlay[]): DelayColumns {
  const measured = sessions
    .flatMap(({ startedAtMs, clickToPhotonP50Ms: p50, clickToPhotonP95Ms: p95 }) =>
      p50 === null || p95 === null ? [] : [{ startedAtMs, p50, p95 }],
    )
    .sort((a, b) => a.startedAtMs - b.startedAtMs);
  return {
    startedS: measured.map(({ startedAtMs }) => startedAtMs / 1000),
    p50Ms: measured.map(({ p50 }) => p50),
    p95Ms: measured.map(({ p95 }) => p95),
  };
}

/** How many sessions began in each hour, oldest first, up to the present one. */
export interface HourColumns {
  /** When each hour began, epoch seconds. */
  readonly hourS: readonly number[];
  readonly sessions: readonly number[];
}

export function sessionsPerHour(
  sessions: readonly PastPlay[],
  { sinceMs, nowMs }: { readonly sinceMs: number; readonly nowMs: number },
): HourColumns {
  const first = Math.floor(sinceMs / HOUR_MS);
  const hours = Math.floor(nowMs / HOUR_MS) - first + 1;
  const counts = new Array<number>(hours).fill(0);
  for (const { startedAtMs } of sessions) {
    const hour = Math.floor(startedAtMs / HOUR_MS) - first;
    const before = counts[hour];
    if (before !== undefined) counts[hour] = before + 1;
  }
  return {
    hourS: counts.map((_, hour) => ((first + hour) * HOUR_MS) / 1000),
    sessions: counts,
  };
}

export interface Figures {
  readonly sessions: number;
  /** What all sessions lasted together, those still going on included. */
  readonly playedMs: number;
  /** The usual session's, milliseconds; undefined where none was measured. */
  readonly usualP50Ms: number | undefined;
  readonly usualP95Ms: number | undefined;
  /** How often each way to end came, most often first. */
  readonly endings: readonly { readonly reason: EndReason; readonly count: number }[];
}

/** The sessions in a few numbers. Of percentiles the median is taken: they cannot be averaged. */
export function figuresOf(sessions: readonly PastPlay[], nowMs: number): Figures {
  const counts = new Map<EndReason, number>();
  let playedMs = 0;
  for (const { startedAtMs, endedAtMs, reason } of sessions) {
    playedMs += Math.max(0, (endedAtMs ?? nowMs) - startedAtMs);
    if (reason) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const { p50Ms, p95Ms } = delayColumns(sessions);
  const endings = [...counts].map(([reason, count]) => ({ reason, count }));
  return {
    sessions: sessions.length,
    playedMs,
    usualP50Ms: median(p50Ms),
    usualP95Ms: median(p95Ms),
    endings: endings.sort((a, b) => b.count - a.count),
  };
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
