import type { BrowserKind } from '../../protocol/browser-kind.ts';
import type { GameId } from '../../protocol/ids.ts';
import { LatencyHistogram } from '../../protocol/latency-histogram.ts';
import { LATENCY_STAGES, type LatencyStage } from '../../protocol/latency-stages.ts';
import type { QualityReport, StageMedians } from '../../protocol/quality-report.ts';
import type { BuildId } from '../../protocol/studio-builds.ts';
import type { Store } from '../../signaling/store/store.ts';
import {
  newPlayerId,
  newSessionId,
  pairingDecision,
  QUALITY,
  sessionStart,
} from './store-records.ts';

/** What the stages of a usual session take, milliseconds, before network and screen are known. */
const USUAL_MS: Readonly<Record<LatencyStage, number>> = {
  uplink: 4,
  wait: 5,
  render: 7,
  encode: 3.2,
  network: 6,
  decode: 3,
  present: 7,
};

const BROWSERS: readonly BrowserKind[] = [
  { family: 'chrome', major: 138 },
  { family: 'chrome', major: 137 },
  { family: 'edge', major: 138 },
  { family: 'firefox', major: 153 },
  { family: 'safari', major: 18 },
];

/** Regions, and how much longer each way to their machines is, milliseconds. */
const REGIONS: readonly (readonly [string, number])[] = [
  ['eu-west', 0],
  ['eu-west', 2],
  ['eu-north', 5],
  ['us-east', 9],
];

export interface SessionWish {
  readonly random: () => number;
  /** Inputs there were. */
  readonly inputs?: number;
  /** How much longer the game itself takes, milliseconds. */
  readonly slowerMs?: number;
  /** How much longer each way is, milliseconds. */
  readonly awayMs?: number;
  readonly playedMs?: number;
  readonly browser?: BrowserKind;
}

/**
 * What a session might have measured: its inputs are alike, because network, machine and screen are its
 * own, with a tail that is longer than the other side, as delays have.
 */
export function likelyReport(wish: SessionWish): QualityReport {
  const { random, inputs = 400, slowerMs = 0, awayMs = 0, playedMs = 600_000 } = wish;
  const own = 0.75 + 0.6 * random() ** 2;
  const stagesP50Ms = Object.fromEntries(
    LATENCY_STAGES.map((stage) => {
      const extraMs = stage === 'render' ? slowerMs : /uplink|network/.test(stage) ? awayMs : 0;
      return [stage, USUAL_MS[stage] * own + extraMs];
    }),
  ) as StageMedians;
  const medianMs = LATENCY_STAGES.reduce((sum, stage) => sum + stagesP50Ms[stage], 0);
  const histogram = new LatencyHistogram();
  for (let input = 0; input < inputs; input++) {
    // Log-normal, by twelve uniform numbers.
    let normal = -6;
    for (let draw = 0; draw < 12; draw++) normal += random();
    histogram.record(medianMs * Math.exp(0.18 * normal) + (random() < 0.03 ? 30 * random() : 0));
  }
  const freezes = random() < 0.3 ? Math.ceil(4 * random()) : 0;
  const clickToPhoton = histogram.toCounts();
  return {
    ...QUALITY,
    clickToPhotonP50Ms: histogram.percentile(0.5) ?? 0,
    clickToPhotonP95Ms: histogram.percentile(0.95) ?? 0,
    ...(clickToPhoton && { clickToPhoton }),
    stagesP50Ms,
    frames: Math.round((playedMs / 1000) * (57 + 3 * random())),
    freezes,
    frozenMs: freezes * 260 * random(),
    playedMs,
    frameRate: 59,
    browser: wish.browser ?? { family: 'chrome', major: 138 },
  };
}

export interface LikelyBuild {
  readonly buildId: BuildId;
  /** How long ago its first session was, and its last, days. */
  readonly daysAgo: number;
  readonly untilDaysAgo?: number;
  readonly sessions: number;
  readonly slowerMs: number;
}

export interface LikelyPlay {
  readonly gameId: GameId;
  readonly builds: readonly LikelyBuild[];
  readonly nowMs: number;
  readonly random: () => number;
}

/** Fills a store with sessions as a game of some success might have had them. */
export async function fillSessions(store: Store, play: LikelyPlay): Promise<void> {
  const { gameId, builds, nowMs, random } = play;
  const players = Array.from({ length: 80 }, newPlayerId);
  const pick = <T>(from: readonly T[]): T => {
    const one = from[Math.floor(random() * from.length)];
    if (one === undefined) throw new Error('nothing to pick from');
    return one;
  };
  for (const { buildId, daysAgo, untilDaysAgo = 0, sessions, slowerMs } of builds) {
    for (let session = 0; session < sessions; session++) {
      const [region, awayMs] = pick(REGIONS);
      const playerId = pick(players);
      const sessionId = newSessionId();
      const days = untilDaysAgo + random() * (daysAgo - untilDaysAgo);
      const startedAtMs = Math.round(nowMs - days * 24 * 60 * 60 * 1000);
      const playedMs = Math.round(120_000 + 2_400_000 * random() ** 2);
      const decision = pairingDecision();
      const ranked = decision.ranked.map((container) => ({ ...container, region }));
      await store.beginSession(
        sessionStart({
          sessionId,
          playerId,
          gameId,
          buildId,
          startedAtMs,
          decision: { ...decision, ranked },
        }),
      );
      const atMs = Math.min(nowMs, startedAtMs + playedMs);
      await store.endSession(sessionId, { atMs, reason: 'player-left' });
      // One in twenty closes the tab before its page has told anything.
      if (random() < 0.05) continue;
      const browser = pick(BROWSERS);
      const report = likelyReport({ random, slowerMs, awayMs, playedMs, browser });
      await store.reportQuality(sessionId, playerId, report);
    }
  }
}
