import type { EncoderReport } from '../../protocol/container-messages.ts';
import type { ContainerId, GameId, JoinTokenId, PlayerId, SessionId } from '../../protocol/ids.ts';
import type { PairingDecision } from '../../protocol/pairing-decision.ts';
import type { QualityReport } from '../../protocol/quality-report.ts';
import type { EndReason } from '../../protocol/session-state.ts';
import type { BuildId } from '../../protocol/studio-builds.ts';
import type { StudioStore } from './studio-store.ts';

export const CONTAINER_PRESENCES = ['joined', 'offline', 'quarantined'] as const;
export type ContainerPresence = (typeof CONTAINER_PRESENCES)[number];

/** A container that has joined at least once, as it was last seen. */
export interface ContainerRecord {
  readonly containerId: ContainerId;
  /** Ed25519, base64url. */
  readonly publicKey: string;
  readonly name: string;
  readonly region: string;
  readonly pricePerHour: number;
  readonly firstSeenAtMs: number;
  readonly lastSeenAtMs: number;
  readonly state: ContainerPresence;
  readonly gpu: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly encoders: readonly EncoderReport[];
}

/** What is known of a session when it begins. */
export interface SessionStart {
  readonly sessionId: SessionId;
  readonly playerId: PlayerId;
  readonly containerId: ContainerId;
  readonly gameId: GameId;
  readonly startedAtMs: number;
  /** Why this container. */
  readonly decision: PairingDecision;
  /** Which build of a studio's game is played; undefined where the container has the game itself. */
  readonly buildId?: BuildId | undefined;
}

export interface SessionEnd {
  readonly atMs: number;
  readonly reason: EndReason;
  /** What happened, where the reason alone does not say it. */
  readonly detail?: string | undefined;
}

export interface SessionRecord extends SessionStart {
  /** Never before the start; undefined while the session runs, as are reason and detail. */
  readonly endedAtMs: number | undefined;
  readonly reason: EndReason | undefined;
  readonly detail: string | undefined;
  /** Undefined until its page has reported. */
  readonly quality: QualityReport | undefined;
  readonly buildId: BuildId | undefined;
  /** Family and major version, as its page said. */
  readonly browser: string | undefined;
  /** Region of its container. */
  readonly reportedFrom: string | undefined;
}

export interface BuildPlays {
  readonly buildId: BuildId;
  readonly containerId: ContainerId;
  readonly sessions: number;
}

/** How a session was, without what chose its machine: many of them are read at once. */
export type PlayRecord = Pick<
  SessionRecord,
  | 'sessionId'
  | 'playerId'
  | 'startedAtMs'
  | 'endedAtMs'
  | 'quality'
  | 'buildId'
  | 'browser'
  | 'reportedFrom'
>;

/** A part of a list that is read piece by piece. */
export interface PlaysPage {
  readonly sinceMs: number;
  readonly limit: number;
  /** The last of the piece before. */
  readonly after?: Pick<PlayRecord, 'startedAtMs' | 'sessionId'> | undefined;
}

/** A token that no more machines join with than this: one for a whole hall, or one that got about. */
export const MAX_TOKEN_CONTAINERS = 1_000;

/** A secret that machines join with: of itself only its digest is kept. */
export interface JoinTokenRecord {
  readonly tokenId: JoinTokenId;
  /** SHA-256, base64url. */
  readonly hash: string;
  readonly name: string;
  /** For the one container that joins with it first. */
  readonly once: boolean;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | undefined;
  readonly revokedAtMs: number | undefined;
  readonly lastUsedAtMs: number | undefined;
  /** That joined with it, the first one first. */
  readonly containerIds: readonly ContainerId[];
}

/**
 * What signaling remembers beyond its process, and shares with other nodes. Times are whole
 * milliseconds since 1970 by the caller's clock. In texts, what no database takes (NUL, half a surrogate
 * pair) becomes U+FFFD. A record that cannot be read any more is left out of every answer, and logged.
 *
 * Every call rejects with RockpoolError `internal` where the database cannot be reached, does not do
 * what was asked, or was closed here.
 */
export interface Store {
  /** Takes the place of what was known of this container, except for `firstSeenAtMs`. */
  rememberContainer(record: ContainerRecord): Promise<void>;
  /**
   * Also counts as having been seen then. Nothing happens where the container is not known, or was seen
   * later: by another node.
   */
  markContainer(containerId: ContainerId, state: ContainerPresence, atMs: number): Promise<void>;
  container(containerId: ContainerId): Promise<ContainerRecord | undefined>;

  /** Nothing changes where this session has begun already. */
  beginSession(start: SessionStart): Promise<void>;
  /** False where it had ended already, or is not known: of several callers one is told true. */
  endSession(sessionId: SessionId, end: SessionEnd): Promise<boolean>;
  /** The last report counts. False where there is no such session of this player. */
  reportQuality(sessionId: SessionId, playerId: PlayerId, report: QualityReport): Promise<boolean>;
  session(sessionId: SessionId): Promise<SessionRecord | undefined>;
  /** Newest first; with `beforeMs` those that began before then. */
  sessionsOfPlayer(
    playerId: PlayerId,
    page: { readonly limit: number; readonly beforeMs?: number | undefined },
  ): Promise<SessionRecord[]>;
  /** Those that began then or later, newest first. */
  sessionsOfContainer(
    containerId: ContainerId,
    since: { readonly sinceMs: number; readonly limit: number },
  ): Promise<SessionRecord[]>;
  /** Of a game, those that began then or later, newest first. */
  playsOfGame(gameId: GameId, page: PlaysPage): Promise<PlayRecord[]>;
  /**
   * Removes sessions that began before then, the oldest first and no more than `limit`. Callers on
   * several nodes do not wait for one another.
   * @returns how many there were to remove: fewer than `limit` where that was all.
   */
  forgetSessions(beforeMs: number, limit: number): Promise<number>;
  /** How long those sessions of a game lasted that ended then or later; the last to end comes first. */
  sessionLengthsMs(
    gameId: GameId,
    since: { readonly sinceMs: number; readonly limit: number },
  ): Promise<number[]>;

  /**
   * How often builds of studios' games were played on each container, of sessions that began then or
   * later; the most played first.
   */
  buildsPlayed(since: { readonly sinceMs: number; readonly limit: number }): Promise<BuildPlays[]>;

  addJoinToken(record: JoinTokenRecord): Promise<void>;
  /** Newest first, those over included. */
  joinTokens(): Promise<JoinTokenRecord[]>;
  joinTokenByHash(hash: string): Promise<JoinTokenRecord | undefined>;
  /**
   * Notes that a container joins with it. False, and nothing changes, where it is not known, revoked or
   * expired by then, another container's, or has let {@link MAX_TOKEN_CONTAINERS} in.
   */
  useJoinToken(tokenId: JoinTokenId, containerId: ContainerId, atMs: number): Promise<boolean>;
  /** The first time counts. False where it is not known. */
  revokeJoinToken(tokenId: JoinTokenId, atMs: number): Promise<boolean>;

  /** What is remembered of studios and their people. */
  readonly studio: StudioStore;

  /** Finishes what was asked before, then lets the database go. May be called again. */
  close(): Promise<void>;
}
