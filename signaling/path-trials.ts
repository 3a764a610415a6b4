import { RockpoolError } from '../protocol/errors.ts';
import type { ContainerId, PlayerId } from '../protocol/ids.ts';
import type { PairingDecision } from '../protocol/pairing-decision.ts';
import {
  type ChooseRequest,
  TRIAL_HOLD_MS,
  type TriedContainer,
  type TriedPath,
} from '../protocol/path-trial.ts';
import type { MeasureAnswer, PlayGrant } from '../protocol/player-messages.ts';
import { bestThereIs } from './best-there-is.ts';
import type { ContainerRegistry } from './container-registry.ts';
import type { Candidate } from './indexer/candidate.ts';
import type { ContainerIndex } from './indexer/container-index.ts';
import type { Ticket } from './indexer/ticket.ts';
import { freshPaths } from './path-knowledge.ts';
import type { PlayerLink, Session, SessionRegistry } from './session-registry.ts';
import type { Demand, SessionStarter } from './session-starter.ts';
import type { AskedPlay } from './studio/releases/play-builds.ts';
import type { Timers } from './timers.ts';
import { scoreBesidePathMs, worthTrying } from './worth-trying.ts';

/** A container hears of the end later than signaling decides it. */
const HOLD_MARGIN_MS = 2_000;

export interface PathTrialsOptions {
  readonly sessions: SessionRegistry;
  readonly containers: ContainerRegistry;
  readonly index: ContainerIndex;
  readonly starter: SessionStarter;
  readonly timers: Timers;
}

/** One container tried, as it was before it was asked: its own trial makes it no fuller. */
interface Tried {
  readonly session: Session;
  readonly candidate: Candidate;
}

/** The containers that one player's browser measures. */
interface Measuring {
  readonly demand: Demand;
  readonly ticket: Ticket;
  /** What would have been decided without measuring. */
  readonly decision: PairingDecision;
  /** Best first by it. */
  readonly tried: readonly Tried[];
  /** When the player asked, by the timers' clock. */
  readonly startedMs: number;
  cancelHold: () => void;
}

/** What came of measuring. */
export interface Chosen {
  readonly request: AskedPlay;
  readonly startedMs: number;
  /** Undefined where none of the containers tried is left. */
  readonly started: { readonly session: Session; readonly grant: PlayGrant } | undefined;
}

/**
 * Has several containers make a connection each to a player's browser, which measures its ways to them;
 * the nearest becomes the session. One at a time for each player, and not for long: whoever keeps no
 * word keeps no place.
 */
export class PathTrials {
  readonly #options: PathTrialsOptions;
  readonly #measuring = new Map<PlayerId, Measuring>();

  constructor(options: PathTrialsOptions) {
    this.#options = options;
  }

  /**
   * Takes places to be tried where that can change the choice. The containers are asked by
   * {@link handleAnswered}.
   */
  begin(demand: Demand): MeasureAnswer | undefined {
    const { starter, index, timers } = this.#options;
    const { player, request } = demand;
    if (!request.mayMeasure || this.#measuring.has(player.playerId)) return undefined;
    const { ticket, decision } = starter.pair(demand);
    const fresh = freshPaths(request.knownPaths ?? []);
    const ranked = worthTrying(decision, (containerId) => fresh.has(containerId));
    const candidates = ranked.flatMap((one) => {
      const candidate = index.get(one.containerId);
      return candidate ? [{ candidate, scoreMs: scoreBesidePathMs(one) }] : [];
    });
    if (candidates.length < 2) return undefined;
    const tried = candidates.map(({ candidate }) => ({
      candidate,
      session: starter.openTrial(demand, candidate.containerId),
    }));
    const measuring = { demand, ticket, decision, tried, startedMs: timers.nowMs() };
    const cancelHold = timers.after(TRIAL_HOLD_MS, () => this.#end(player.playerId));
    this.#measuring.set(player.playerId, { ...measuring, cancelHold });
    const leastMs = Math.min(...candidates.map(({ scoreMs }) => scoreMs));
    return {
      kind: 'measure',
      candidates: tried.map(({ session: { sessionId }, candidate }, at): TriedContainer => {
        const { containerId, name } = candidate;
        const handicapMs = (candidates[at]?.scoreMs ?? leastMs) - leastMs;
        return { sessionId, containerId, name, handicapMs };
      }),
    };
  }

  /** The answer of {@link begin} is on its way: what is told of its containers comes after it. */
  handleAnswered(player: PlayerLink): void {
    const measuring = this.#of(player);
    for (const { session } of measuring?.tried ?? []) {
      session.held = undefined;
      void this.#try(session, measuring?.demand.request);
    }
  }

  /**
   * Starts the game on the best of what was tried, and lets the others go.
   * @throws RockpoolError `unknown-session` where this player measures nothing any more.
   */
  async choose(player: PlayerLink, { paths }: ChooseRequest): Promise<Chosen> {
    const measuring = this.#of(player);
    if (!measuring) throw overError();
    this.#measuring.delete(player.playerId);
    measuring.cancelHold();
    const { demand, startedMs } = measuring;
    const among = this.#options.index.emptied();
    const started = await this.#confirmFirst(measuring, inOrder(measuring, paths, among));
    return { request: demand.request, startedMs, started };
  }

  /** Nobody measures any more what this page was to measure. */
  handlePlayerGone(player: PlayerLink): void {
    if (this.#of(player)) this.#end(player.playerId);
  }

  close(): void {
    for (const { cancelHold } of this.#measuring.values()) cancelHold();
    this.#measuring.clear();
  }

  /** Undefined also where another page of the same player measures. */
  #of(player: PlayerLink): Measuring | undefined {
    const measuring = this.#measuring.get(player.playerId);
    return measuring?.demand.player === player ? measuring : undefined;
  }

  /** Has a container offer the connection. Whether it works out is seen by its offer. */
  async #try(session: Session, request: AskedPlay | undefined): Promise<void> {
    const { sessions, starter } = this.#options;
    const { sessionId } = session;
    const asked = starter.attempt(session);
    const { link } = asked;
    try {
      if (!link || !request) throw overError();
      const holdMs = TRIAL_HOLD_MS + HOLD_MARGIN_MS;
      await link.trial({ ...(await starter.orderOf(session, request)), holdMs });
    } catch (thrown) {
      // One that was let go meanwhile is nobody's failure.
      if (sessions.get(sessionId) !== session) return;
      starter.handleRefused(asked, thrown);
      session.player?.sessionEnded({ sessionId, reason: 'container-lost' });
    }
  }

  async #confirmFirst(
    { demand, tried }: Measuring,
    order: readonly { readonly session: Session; readonly decision: PairingDecision }[],
  ): Promise<Chosen['started']> {
    const { sessions, starter } = this.#options;
    let started: Chosen['started'];
    for (const { session, decision } of order) {
      if (started || !demand.player.connected) break;
      if (sessions.get(session.sessionId) !== session) continue;
      session.decision = decision;
      const asked = starter.attempt(session);
      try {
        started = { session, grant: await starter.confirm(session) };
      } catch (thrown) {
        starter.handleRefused(asked, thrown);
      }
    }
    for (const { session } of tried) if (session !== started?.session) this.#letGo(session);
    return started;
  }

  #end(playerId: PlayerId): void {
    const measuring = this.#measuring.get(playerId);
    if (!measuring) return;
    this.#measuring.delete(playerId);
    measuring.cancelHold();
    for (const { session } of measuring.tried) this.#letGo(session);
  }

  #letGo(session: Session): void {
    const { sessions, starter } = this.#options;
    if (sessions.get(session.sessionId) === session) starter.cancel(session);
  }
}

/**
 * In which order the containers are to be asked for the game, each with what is told of that choice:
 * those whose ways opened by their scores with them, then the others as they stood.
 * @param among holds no containers yet.
 */
function inOrder(
  { ticket, decision, tried }: Measuring,
  paths: readonly TriedPath[],
  among: ContainerIndex,
): { session: Session; decision: PairingDecision }[] {
  const measured = new Map<ContainerId, number>();
  for (const { session, candidate } of tried) {
    const path = paths.find(({ sessionId }) => sessionId === session.sessionId);
    if (!path) continue;
    measured.set(candidate.containerId, path.roundTripMs);
    among.upsert(candidate);
  }
  const { considered, rejected } = decision;
  const known = { ...bestThereIs(among, { ...ticket, paths: measured }).decision, considered };
  const opened = known.ranked.flatMap(({ containerId }, at) => {
    const one = tried.find(({ candidate }) => candidate.containerId === containerId);
    return one ? [{ ...one, of: { ...known, rejected, ranked: known.ranked.slice(at) } }] : [];
  });
  const others = tried.flatMap((one) => {
    const { containerId } = one.candidate;
    if (measured.has(containerId)) return [];
    const at = decision.ranked.findIndex((ranked) => ranked.containerId === containerId);
    return [{ ...one, of: { ...decision, ranked: decision.ranked.slice(Math.max(0, at)) } }];
  });
  return [...opened, ...others].map(({ session, of }) => ({ session, decision: of }));
}

function overError(): RockpoolError {
  return new RockpoolError('unknown-session', 'The machines are not kept for you any more.');
}
