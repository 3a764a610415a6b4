import type { Logger } from 'pino';
import type { JoinRequest } from '../protocol/container-messages.ts';
import { RockpoolError } from '../protocol/errors.ts';
import type { ContainerId, GameId, PlayerId, SessionId } from '../protocol/ids.ts';
import type { PairingDecision } from '../protocol/pairing-decision.ts';
import type { PlayedSession } from '../protocol/player-messages.ts';
import type { QualityReport } from '../protocol/quality-report.ts';
import type { EndReason } from '../protocol/session-state.ts';
import type { KnownContainer } from './container-link.ts';
import { QualityLedger } from './quality-ledger.ts';
import type { Session } from './session-registry.ts';
import type { SessionRecord, Store } from './store/store.ts';
import type { WaitForecast } from './wait-forecast.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** What is looked back at when a container joins, or for how long sessions last. */
const LOOK_BACK_MS = 7 * DAY_MS;
const LOOK_BACK_SESSIONS = 50;
/** As many as a forecast is made of. */
const LOOK_BACK_LENGTHS = 200;
/** More than a container runs at once, and those before. */
const LOOK_BACK_FORGOTTEN = 2_000;

/** A page of a player's own sessions. */
const PAGE_SESSIONS = 50;

/** Reports of a session that has ended come until its page is closed; after this it counts without. */
const MAX_PENDING = 10_000;

export interface PlayHistoryOptions {
  readonly store: Store;
  readonly forecast: WaitForecast;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
  readonly log: Logger;
}

interface RunningPlay {
  readonly playerId: PlayerId;
  readonly startedAtMs: number;
  /** What its player measured so far. */
  quality?: QualityReport;
}

/**
 * What is remembered of sessions beyond their end. Nobody waits for it: a game starts and ends the same
 * while the database is away.
 */
export class PlayHistory {
  readonly #options: PlayHistoryOptions;
  readonly #quality = new QualityLedger();
  readonly #running = new Map<SessionId, RunningPlay>();
  readonly #writes = new Set<Promise<unknown>>();

  constructor(options: PlayHistoryOptions) {
    this.#options = options;
  }

  qualityOf(containerId: ContainerId): ReturnType<QualityLedger['of']> {
    return this.#quality.of(containerId);
  }

  /** Looks up how the sessions of a container went before this process started. */
  recall(containerId: ContainerId): void {
    if (this.#quality.knows(containerId)) return;
    this.#quality.recall(containerId, []);
    this.#write('the sessions of a container could not be looked up', async (store) => {
      const page = { sinceMs: this.#lookBackFromMs, limit: LOOK_BACK_SESSIONS };
      const records = await store.sessionsOfContainer(containerId, page);
      this.#quality.recall(containerId, records.reverse().flatMap(outcomeOf));
    });
  }

  /** How long sessions of a game lasted before this process started, oldest first, milliseconds. */
  async lengthsOf(gameId: GameId): Promise<readonly number[]> {
    const page = { sinceMs: this.#lookBackFromMs, limit: LOOK_BACK_LENGTHS };
    try {
      return (await this.#options.store.sessionLengthsMs(gameId, page)).reverse();
    } catch (err) {
      this.#options.log.warn({ err, gameId }, 'how long sessions lasted could not be looked up');
      return [];
    }
  }

  handleStarted(session: Session): void {
    const { sessionId, playerId, containerId, gameId, buildId, decision } = session;
    const startedAtMs = this.#options.wallClockMs();
    if (this.#running.size < MAX_PENDING) this.#running.set(sessionId, { playerId, startedAtMs });
    if (!decision) return;
    this.#write('the beginning of a session could not be kept', (store) =>
      store.beginSession({
        ...{ sessionId, playerId, containerId, gameId, startedAtMs, decision },
        ...(buildId && { buildId }),
      }),
    );
  }

  handleEnded(session: Session, reason: EndReason, detail?: string): void {
    const { sessionId } = session;
    const atMs = this.#options.wallClockMs();
    this.handleEndedElsewhere(session, reason);
    this.#write('the end of a session could not be kept', (store) =>
      store.endSession(sessionId, { atMs, reason, detail }),
    );
  }

  /** The node that ended it has kept that. */
  handleEndedElsewhere({ sessionId, containerId, gameId }: Session, reason: EndReason): void {
    const running = this.#running.get(sessionId);
    this.#running.delete(sessionId);
    const clickToPhotonP95Ms = running?.quality?.clickToPhotonP95Ms;
    this.#quality.note(containerId, { reason, clickToPhotonP95Ms });
    if (running)
      this.#options.forecast.note(gameId, this.#options.wallClockMs() - running.startedAtMs);
  }

  /** The container of a session that goes on does not keep up with it. */
  handleStrained({ containerId }: Session): void {
    this.#quality.note(containerId, { reason: 'machine-degraded', clickToPhotonP95Ms: undefined });
  }

  handleQuality(playerId: PlayerId, sessionId: SessionId, quality: QualityReport): void {
    const running = this.#running.get(sessionId);
    if (running?.playerId === playerId) running.quality = quality;
    this.#write('the quality of a session could not be kept', (store) =>
      store.reportQuality(sessionId, playerId, quality),
    );
  }

  handleJoined(
    { containerId, publicKey, name, region }: KnownContainer,
    { pricePerHour, gpu, capacity, encoders, sessions }: JoinRequest,
  ): void {
    const nowMs = this.#options.wallClockMs();
    const running = new Set(sessions.map(({ sessionId }) => sessionId));
    this.#write('sessions that ended unheard could not be closed', (store) =>
      this.#closeForgotten(store, containerId, running),
    );
    this.#write('a container could not be kept', (store) =>
      store.rememberContainer({
        containerId,
        publicKey,
        name,
        region,
        pricePerHour,
        firstSeenAtMs: nowMs,
        lastSeenAtMs: nowMs,
        state: 'joined',
        gpu: gpu.description,
        cpus: capacity.cpus,
        memoryBytes: capacity.memoryBytes,
        encoders,
      }),
    );
  }

  handleLeft({ containerId }: KnownContainer): void {
    const nowMs = this.#options.wallClockMs();
    this.#write('that a container left could not be kept', (store) =>
      store.markContainer(containerId, 'offline', nowMs),
    );
  }

  /**
   * Why a session of this player is where it is.
   * @throws RockpoolError `unknown-session` where it is not theirs, or not known any more.
   */
  async decisionOf(playerId: PlayerId, sessionId: SessionId): Promise<PairingDecision> {
    await Promise.all(this.#writes);
    const record = await this.#options.store.session(sessionId);
    if (record?.playerId === playerId) return record.decision;
    throw new RockpoolError('unknown-session', 'Nothing is known of this session.');
  }

  /** @returns newest first, those that began before `beforeMs`. */
  async sessionsOf(playerId: PlayerId, beforeMs: number | undefined): Promise<PlayedSession[]> {
    await Promise.all(this.#writes);
    const page = { limit: PAGE_SESSIONS, beforeMs };
    const records = await this.#options.store.sessionsOfPlayer(playerId, page);
    return records.map(playedSession);
  }

  /** Resolves when everything is written, or could not be. */
  async close(): Promise<void> {
    await Promise.all(this.#writes);
    await this.#options.store.close();
  }

  /** Signaling may have been away when sessions ended: those that a container does not run are over. */
  async #closeForgotten(
    store: Store,
    containerId: ContainerId,
    running: ReadonlySet<SessionId>,
  ): Promise<void> {
    const atMs = this.#options.wallClockMs();
    const page = { sinceMs: this.#lookBackFromMs, limit: LOOK_BACK_FORGOTTEN };
    for (const { sessionId, endedAtMs } of await store.sessionsOfContainer(containerId, page)) {
      if (endedAtMs !== undefined || running.has(sessionId) || this.#running.has(sessionId))
        continue;
      await store.endSession(sessionId, { atMs, reason: 'container-lost' });
    }
  }

  get #lookBackFromMs(): number {
    return this.#options.wallClockMs() - LOOK_BACK_MS;
  }

  #write(failure: string, work: (store: Store) => Promise<unknown>): void {
    const { store, log } = this.#options;
    const done = work(store)
      .catch((err: unknown) => log.warn({ err }, failure))
      .finally(() => this.#writes.delete(done));
    this.#writes.add(done);
  }
}

function outcomeOf({ reason, quality }: SessionRecord) {
  return reason ? [{ reason, clickToPhotonP95Ms: quality?.clickToPhotonP95Ms }] : [];
}

function playedSession(record: SessionRecord): PlayedSession {
  const { sessionId, gameId, startedAtMs, endedAtMs, reason, quality, decision } = record;
  const [chosen] = decision.ranked;
  return {
    sessionId,
    gameId,
    containerName: chosen?.name ?? '',
    region: chosen?.region ?? '',
    startedAtMs,
    endedAtMs: endedAtMs ?? null,
    reason: reason ?? null,
    quality: quality ?? null,
  };
}
