import type { Logger } from 'pino';
import type { SessionId } from '../protocol/ids.ts';
import type { MoveAnswer, MoveRequest } from '../protocol/player-messages.ts';
import type { SessionEnds } from './session-end.ts';
import type { SessionListener } from './session-listener.ts';
import { logSession } from './session-log.ts';
import { isOver, notYours } from './session-refusals.ts';
import type { PlayerLink, Session, SessionRegistry } from './session-registry.ts';
import type { SessionRelay } from './session-relay.ts';
import type { AskedPlace, Demand, SessionStarter } from './session-starter.ts';
import { StrainLedger } from './strain-ledger.ts';
import type { Timers } from './timers.ts';
import type { WaitingLine } from './waiting-line.ts';

export interface SessionMoverOptions {
  readonly sessions: SessionRegistry;
  readonly starter: SessionStarter;
  readonly line: WaitingLine;
  readonly relay: SessionRelay;
  readonly ends: SessionEnds;
  readonly timers: Timers;
  readonly log: Logger;
  readonly listener: SessionListener;
  /** A session stays where its machine does not keep up with it; told once of each. */
  readonly handleStrained: (session: Session) => void;
}

/**
 * Has a game go on elsewhere whose machine does not keep up with it, where there is a clearly better
 * place. The game ends only once that place is kept.
 */
export class SessionMover {
  readonly #options: SessionMoverOptions;
  readonly #strain: StrainLedger;
  readonly #moving = new Set<SessionId>();
  readonly #strained = new WeakSet<Session>();

  constructor(options: SessionMoverOptions) {
    this.#options = options;
    this.#strain = new StrainLedger(options.timers);
  }

  /**
   * `answer` is called before any signal of the new session is relayed.
   * @throws RockpoolError why it could not be done; where the session is over by then, the next `play`
   * goes on with what it kept.
   */
  async move(
    player: PlayerLink,
    request: MoveRequest,
    answer: (answer: MoveAnswer) => void,
  ): Promise<void> {
    const session = this.#ownSession(player, request.sessionId);
    const { sessionId, gameId, containerId } = session;
    if (this.#moving.has(sessionId)) throw isOver();
    this.#strain.note(gameId, containerId);
    logSession(this.#options.log, session, 'its machine does not keep up');
    if (this.#strain.isTooHeavy(gameId)) {
      answer({ kind: 'stays', why: 'too-heavy' });
      return;
    }
    this.#moving.add(sessionId);
    try {
      const place = await this.#betterPlace(player, request, session);
      if (place) await this.#go(player, request, session, place, answer);
      else this.#stay(session, answer);
    } finally {
      this.#moving.delete(sessionId);
    }
  }

  /** Others shall have it easier: the next ones are sent elsewhere if that can be. */
  #stay(session: Session, answer: (answer: MoveAnswer) => void): void {
    if (!this.#strained.has(session)) this.#options.handleStrained(session);
    this.#strained.add(session);
    answer({ kind: 'stays', why: 'no-better-place' });
  }

  /** A place that is kept already; undefined where there is none worth a move. */
  async #betterPlace(
    player: PlayerLink,
    { settings, codecs }: MoveRequest,
    { gameId, buildId, containerId }: Session,
  ): Promise<Session | undefined> {
    const { starter, line } = this.#options;
    const barred = this.#strain.of(gameId);
    const request = { gameId, buildId, settings, codecs };
    const demand: Demand = { player, request, waitedMs: 0, barred };
    // Who waits for a place gets the next one, and not who has one.
    if (line.tickets.isWaitedFor(gameId) || !starter.hasBetterPlace(demand, containerId))
      return undefined;
    let asked: AskedPlace;
    try {
      asked = starter.ask(demand);
      await asked.kept;
    } catch (err) {
      this.#options.log.warn({ gameId, err }, 'a better place was not to be had');
      return undefined;
    }
    return asked.session;
  }

  async #go(
    player: PlayerLink,
    { settings, codecs }: MoveRequest,
    session: Session,
    place: Session,
    answer: (answer: MoveAnswer) => void,
  ): Promise<void> {
    const { sessions, starter, ends, relay, timers, log, listener } = this.#options;
    const { sessionId, gameId } = session;
    if (sessions.get(sessionId) !== session || !player.connected) {
      starter.cancel(place);
      throw isOver();
    }
    const startedMs = timers.nowMs();
    starter.give(place, player);
    // Its page hears of the end by the answer.
    session.player = undefined;
    // What the game keeps is with signaling after that, for the next machine to fetch.
    await ends.end(session, 'machine-degraded');
    const grant = await starter.redeem(place, { gameId, settings, codecs });
    listener.handleStarted(place, (timers.nowMs() - startedMs) / 1000);
    logSession(log, place, 'session moved');
    answer({ kind: 'moved', grant });
    if (place.player === player) relay.deliverHeld(place);
  }

  #ownSession(player: PlayerLink, sessionId: SessionId): Session {
    const session = this.#options.sessions.get(sessionId);
    if (session === undefined || session.assigning) throw isOver();
    if (session.playerId !== player.playerId) throw notYours();
    return session;
  }
}
