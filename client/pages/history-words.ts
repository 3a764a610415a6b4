import type { PlayedSession } from '../../protocol/player-messages.ts';
import type { QualityReport } from '../../protocol/quality-report.ts';
import { formatBitrate } from './display-units.ts';
import { END_MESSAGES } from './state-messages.ts';
import { formatAgo, formatDay, formatDuration, formatTime } from './time-words.ts';

/** The sessions that began on one day. */
export interface PlayedDay {
  readonly title: string;
  readonly sessions: readonly PlayedSession[];
}

/** @param sessions newest first. @param nowMs epoch milliseconds. */
export function byDay(sessions: readonly PlayedSession[], nowMs: number): readonly PlayedDay[] {
  const days: { title: string; sessions: PlayedSession[] }[] = [];
  for (const session of sessions) {
    const title = formatDay(session.startedAtMs, nowMs);
    const last = days.at(-1);
    if (last?.title === title) last.sessions.push(session);
    else days.push({ title, sessions: [session] });
  }
  return days;
}

/** "12 minutes ago" for today, else the time of day. */
export function startedWords({ startedAtMs }: PlayedSession, nowMs: number): string {
  const isToday = formatDay(startedAtMs, nowMs) === 'Today';
  return isToday ? formatAgo(Math.max(0, nowMs - startedAtMs)) : `at ${formatTime(startedAtMs)}`;
}

/** "12 min"; undefined while it is played. */
export function lengthWords({ startedAtMs, endedAtMs }: PlayedSession): string | undefined {
  return endedAtMs === null ? undefined : formatDuration(Math.max(0, endedAtMs - startedAtMs));
}

/** How it came to its end. */
export function endWords({ reason, endedAtMs }: PlayedSession): string {
  if (reason) return END_MESSAGES[reason].title;
  return endedAtMs === null ? 'Being played' : 'Over';
}

/** What there is to say of a session's pictures beside its latency. */
export function pictureWords(quality: QualityReport): readonly string[] {
  const { freezes, frozenMs, frameRate, bitrateBps, width, height } = quality;
  return [
    ...(width > 0 ? [`${width}×${height}`] : []),
    `${frameRate.toFixed(0)} frames/s`,
    formatBitrate(bitrateBps),
    freezes === 0
      ? 'no freeze'
      : `${freezes} ${freezes === 1 ? 'freeze' : 'freezes'}, ${(frozenMs / 1000).toFixed(1)} s`,
  ];
}
