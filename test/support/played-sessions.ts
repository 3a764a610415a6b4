import { gameIdSchema, sessionIdSchema } from '../../protocol/ids.ts';
import type { PlayedSession } from '../../protocol/player-messages.ts';
import type { QualityReport } from '../../protocol/quality-report.ts';

export function qualityReport(overrides: Partial<QualityReport> = {}): QualityReport {
  return {
    clickToPhotonP50Ms: 31,
    clickToPhotonP95Ms: 52,
    frames: 9_000,
    freezes: 0,
    frozenMs: 0,
    playedMs: 150_000,
    bitrateBps: 8_100_000,
    width: 1280,
    height: 720,
    frameRate: 59.8,
    ...overrides,
  };
}

/** A session that is over; the one of a larger number began earlier. */
export function playedSession(
  number: number,
  overrides: Partial<PlayedSession> = {},
): PlayedSession {
  const startedAtMs = 1_800_000_000_000 - number * 1_000_000;
  return {
    sessionId: sessionIdSchema.parse(`22222222-2222-4222-8222-${String(number).padStart(12, '0')}`),
    gameId: gameIdSchema.parse('skimmer'),
    containerName: 'attic',
    region: 'local',
    startedAtMs,
    endedAtMs: startedAtMs + 150_000,
    reason: 'player-left',
    quality: qualityReport(),
    ...overrides,
  };
}
