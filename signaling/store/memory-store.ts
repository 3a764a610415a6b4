import { browserName } from '../../protocol/browser-kind.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import type { ContainerId, GameId, JoinTokenId, PlayerId, SessionId } from '../../protocol/ids.ts';
import type { QualityReport } from '../../protocol/quality-report.ts';
import { byCodeUnit } from '../text-order.ts';
import { MemoryStudioStore } from './memory-studio-store.ts';
import { storable } from './storable-text.ts';
import {
  type BuildPlays,
  type ContainerPresence,
  type ContainerRecord,
  type JoinTokenRecord,
  MAX_TOKEN_CONTAINERS,
  type PlayRecord,
  type PlaysPage,
  type SessionEnd,
  type SessionRecord,
  type SessionStart,
  type Store,
} from './store.ts';

/** A store that forgets everything with its process, and opens at once: for a try, and for tests. */
export class MemoryStore implements Store {
  readonly studio = new MemoryStudioStore(() => this.#check());
  readonly #containers = new Map<ContainerId, ContainerRecord>();
  readonly #sessions = new Map<SessionId, SessionRecord>();
  readonly #joinTokens = new Map<JoinTokenId, JoinTokenRecord>();
  /** When set, every call rejects with it: a database that is away. */
  failure: RockpoolError | undefined;
  #closed = false;

  async rememberContainer(record: ContainerRecord): Promise<void> {
    this.#check();
    const firstSeenAtMs =
      this.#containers.get(record.containerId)?.firstSeenAtMs ?? record.firstSeenAtMs;
    this.#containers.set(record.containerId, { ...kept(record), firstSeenAtMs });
  }

  async markContainer(
    containerId: ContainerId,
    state: ContainerPresence,
    atMs: number,
  ): Promise<void> {
    this.#check();
    const record = this.#containers.get(containerId);
    if (record === undefined || record.lastSeenAtMs > atMs) return;
    this.#containers.set(containerId, { ...record, state, lastSeenAtMs: atMs });
  }

  async container(containerId: ContainerId): Promise<ContainerRecord | undefined> {
    this.#check();
    return structuredClone(this.#containers.get(containerId));
  }

  async beginSession(start: SessionStart): Promise<void> {
    this.#check();
    if (this.#sessions.has(start.sessionId)) return;
    this.#sessions.set(start.sessionId, {
      ...kept(start),
      buildId: start.buildId,
      browser: undefined,
      reportedFrom: storable(start.decision.ranked[0]?.region),
      endedAtMs: undefined,
      reason: undefined,
      detail: undefined,
      quality: undefined,
    });
  }

  async endSession(sessionId: SessionId, { atMs, reason, detail }: SessionEnd): Promise<boolean> {
    this.#check();
    const session = this.#sessions.get(sessionId);
    if (session === undefined || session.endedAtMs !== undefined) return false;
    const endedAtMs = Math.max(session.startedAtMs, atMs);
    this.#sessions.set(sessionId, { ...session, endedAtMs, reason, detail: storable(detail) });
    return true;
  }

  async reportQuality(
    sessionId: SessionId,
    playerId: PlayerId,
    report: QualityReport,
  ): Promise<boolean> {
    this.#check();
    const session = this.#sessions.get(sessionId);
    if (session?.playerId !== playerId) return false;
    const browser = report.browser && browserName(report.browser);
    this.#sessions.set(sessionId, { ...session, quality: kept(report), browser });
    return true;
  }

  async session(sessionId: SessionId): Promise<SessionRecord | undefined> {
    this.#check();
    return structuredClone(this.#sessions.get(sessionId));
  }

  async sessionsOfPlayer(
    playerId: PlayerId,
    {
      limit,
      beforeMs = Number.POSITIVE_INFINITY,
    }: { readonly limit: number; readonly beforeMs?: number | undefined },
  ): Promise<SessionRecord[]> {
    return this.#newest(
      (session) => session.playerId === playerId && session.startedAtMs < beforeMs,
    ).slice(0, limit);
  }

  async sessionsOfContainer(
    containerId: ContainerId,
    { sinceMs, limit }: { readonly sinceMs: number; readonly limit: number },
  ): Promise<SessionRecord[]> {
    return this.#newest(
      (session) => session.containerId === containerId && session.startedAtMs >= sinceMs,
    ).slice(0, limit);
  }

  async playsOfGame(gameId: GameId, { sinceMs, limit, after }: PlaysPage): Promise<PlayRecord[]> {
    return this.#newest(
      (session) =>
        session.gameId === gameId &&
        session.startedAtMs >= sinceMs &&
        (after === undefined || isNewer(after, session)),
    )
      .slice(0, limit)
      .map(
        ({
          sessionId,
          playerId,
          startedAtMs,
          endedAtMs,
          quality,
          buildId,
          browser,
          reportedFrom,
        }) => ({
          sessionId,
          playerId,
          startedAtMs,
          endedAtMs,
          quality,
          buildId,
          browser,
          reportedFrom,
        }),
      );
  }

  async forgetSessions(beforeMs: number, limit: number): Promise<number> {
    const old = this.#newest(({ startedAtMs }) => startedAtMs < beforeMs).slice(-limit);
    for (const { sessionId } of old) this.#sessions.delete(sessionId);
    return old.length;
  }

  async sessionLengthsMs(
    gameId: GameId,
    { sinceMs, limit }: { readonly sinceMs: number; readonly limit: number },
  ): Promise<number[]> {
    return this.#newest((session) => session.gameId === gameId)
      .flatMap(({ startedAtMs, endedAtMs = Number.NEGATIVE_INFINITY }) =>
        endedAtMs >= sinceMs ? [{ endedAtMs, lengthMs: endedAtMs - startedAtMs }] : [],
      )
      .sort((a, b) => b.endedAtMs - a.endedAtMs)
      .slice(0, limit)
      .map(({ lengthMs }) => lengthMs);
  }

  async buildsPlayed({
    sinceMs,
    limit,
  }: {
    readonly sinceMs: number;
    readonly limit: number;
  }): Promise<BuildPlays[]> {
    const plays = new Map<string, BuildPlays>();
    for (const { buildId, containerId } of this.#newest(
      ({ startedAtMs, buildId }) => startedAtMs >= sinceMs && buildId !== undefined,
    )) {
      if (!buildId) continue;
      const key = `${buildId} ${containerId}`;
      const sessions = (plays.get(key)?.sessions ?? 0) + 1;
      plays.set(key, { buildId, containerId, sessions });
    }
    return [...plays.values()].sort((a, b) => b.sessions - a.sessions).slice(0, limit);
  }

  async addJoinToken(record: JoinTokenRecord): Promise<void> {
    this.#check();
    this.#joinTokens.set(record.tokenId, kept(record));
  }

  async joinTokens(): Promise<JoinTokenRecord[]> {
    this.#check();
    return structuredClone([...this.#joinTokens.values()]).sort(
      (a, b) => b.createdAtMs - a.createdAtMs || byCodeUnit(b.tokenId, a.tokenId),
    );
  }

  async joinTokenByHash(hash: string): Promise<JoinTokenRecord | undefined> {
    return (await this.joinTokens()).find((token) => token.hash === hash);
  }

  async useJoinToken(
    tokenId: JoinTokenId,
    containerId: ContainerId,
    atMs: number,
  ): Promise<boolean> {
    this.#check();
    const token = this.#joinTokens.get(tokenId);
    if (!token || token.revokedAtMs !== undefined) return false;
    const { containerIds, once, expiresAtMs = Number.POSITIVE_INFINITY, lastUsedAtMs = 0 } = token;
    const most = once ? 1 : MAX_TOKEN_CONTAINERS;
    const isNew = !containerIds.includes(containerId);
    if (expiresAtMs <= atMs || (isNew && containerIds.length >= most)) return false;
    this.#joinTokens.set(tokenId, {
      ...token,
      lastUsedAtMs: Math.max(lastUsedAtMs, atMs),
      containerIds: isNew ? [...containerIds, containerId] : containerIds,
    });
    return true;
  }

  async revokeJoinToken(tokenId: JoinTokenId, atMs: number): Promise<boolean> {
    this.#check();
    const token = this.#joinTokens.get(tokenId);
    if (!token) return false;
    this.#joinTokens.set(tokenId, { ...token, revokedAtMs: token.revokedAtMs ?? atMs });
    return true;
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #newest(wanted: (session: SessionRecord) => boolean): SessionRecord[] {
    this.#check();
    return structuredClone([...this.#sessions.values()].filter(wanted)).sort(
      (a, b) => b.startedAtMs - a.startedAtMs || byCodeUnit(b.sessionId, a.sessionId),
    );
  }

  #check(): void {
    if (this.#closed) throw new RockpoolError('internal', 'The store is closed.');
    if (this.failure) throw this.failure;
  }
}

type Began = Pick<SessionRecord, 'startedAtMs' | 'sessionId'>;

/** Whether one comes before another in lists. */
function isNewer(one: Began, other: Began): boolean {
  if (one.startedAtMs !== other.startedAtMs) return one.startedAtMs > other.startedAtMs;
  return byCodeUnit(one.sessionId, other.sessionId) > 0;
}

/** A copy, with what a database would make of its texts. */
function kept<T>(value: T): T {
  return storable(structuredClone(value));
}
