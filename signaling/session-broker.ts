import type { Logger } from 'pino';
import type { AssignAnswer } from '../protocol/container-messages.ts';
import { RockpoolError, toRockpoolError } from '../protocol/errors.ts';
import type { ContainerId, SessionId } from '../protocol/ids.ts';
import type { ChooseRequest } from '../protocol/path-trial.ts';
import type {
  AttachRequest,
  Choice,
  LeaveRequest,
  MeasureAnswer,
  PlayAnswer,
  PlayGrant,
  PlayRequest,
  TicketRequest,
} from '../protocol/player-messages.ts';
import type { SessionSignal } from '../protocol/session-signal.ts';
import type { ContainerRegistry } from './container-registry.ts';
import type { HostedSessions } from './hosted-sessions.ts';
import type { IceOffer } from './ice-offer.ts';
import type { IdentityTokens } from './identity-tokens.ts';
import type { PathTrials } from './path-trials.ts';
import type { SessionEnds } from './session-end.ts';
import type { SessionListener } from './session-listener.ts';
import { logSession } from './session-log.ts';
import { checkClaims, isOver, notYours } from './session-refusals.ts';
import {
  leftBehind,
  type PlayerLink,
  type Session,
  type SessionRegistry,
} from './session-registry.ts';
import type { SessionRelay } from './session-relay.ts';
import type { SessionStarter } from './session-starter.ts';
import type { AskedPlay, PlayBuilds } from './studio/releases/play-builds.ts';
import type { Timers } from './timers.ts';
import type { Waiting, WaitingLine } from './waiting-line.ts';

/**
 * Sessions one player may hold at once: the one being played, and one left behind a moment ago that
 * is still in its grace. A third makes the one left behind end, and is refused if there is none.
 */
export const MAX_SESSIONS_PER_PLAYER = 2;

export interface SessionBrokerOptions {
  readonly sessions: SessionRegistry;
  readonly containers: ContainerRegistry;
  readonly starter: SessionStarter;
  readonly line: WaitingLine;
  readonly trials: PathTrials;
  readonly builds: PlayBuilds;
  readonly tokens: IdentityTokens;
  readonly ice: IceOffer;
  readonly hosted: HostedSessions;
  readonly relay: SessionRelay;
  readonly ends: SessionEnds;
  readonly timers: Timers;
  readonly log: Logger;
  readonly listener: SessionListener;
}

interface Started {
  readonly session: Session;
  readonly grant: PlayGrant;
}

/** What players ask for: starts, resumes and ends their sessions. */
export class SessionBroker {
  readonly #options: SessionBrokerOptions;
  readonly #sessions: SessionRegistry;
  readonly #containers: ContainerRegistry;

  constructor(options: SessionBrokerOptions) {
    this.#options = options;
    this.#sessions = options.sessions;
    this.#containers = options.containers;
  }

  /**
   * Grants the session asked for, or a new one, or a place in the line, or has containers tried before.
   * `answer` is called before any signal of those sessions is relayed to the player.
   * @throws RockpoolError worded for the player.
   */
  async play(
    player: PlayerLink,
    request: PlayRequest,
    answer: (answer: PlayAnswer) => void,
  ): Promise<void> {
    const resumed = request.resume && (await this.#resume(player, request, request.resume));
    if (resumed) {
      this.#grant(player, resumed, (grant) => answer({ kind: 'granted', grant }));
      return;
    }
    const asked = await this.#options.builds.choose(player.playerId, request);
    const measure = this.#measure(player, asked);
    if (!measure) return this.#start(player, asked, answer);
    answer(measure);
    this.#options.trials.handleAnswered(player);
  }

  /**
   * Grants a session on the nearest of the containers that were tried, or where none is left what
   * {@link play} would without trying any.
   * @throws RockpoolError worded for the player; `unknown-session` where they are not kept any more.
   */
  async choose(
    player: PlayerLink,
    request: ChooseRequest,
    answer: (choice: Choice) => void,
  ): Promise<void> {
    const chosen = await this.#options.trials.choose(player, request);
    const { started } = chosen;
    if (!started) return this.#start(player, chosen.request, answer);
    this.#handleStarted(started.session, chosen.startedMs);
    this.#grant(player, started, (grant) => answer({ kind: 'granted', grant }));
  }

  /** Starts the game that a place was kept for. @throws RockpoolError where it is not kept any more. */
  async accept(
    player: PlayerLink,
    { ticketId }: TicketRequest,
    answer: (grant: PlayGrant) => void,
  ): Promise<void> {
    const startedMs = this.#options.timers.nowMs();
    // What is kept is one of the player's sessions already.
    this.#makeRoom(player, 1);
    const started = await this.#options.line.accept(player, ticketId);
    this.#handleStarted(started.session, startedMs);
    this.#grant(player, started, answer);
  }

  /** Relays a running session to this socket again. @throws RockpoolError */
  async attach(player: PlayerLink, request: AttachRequest): Promise<void> {
    const claims = await this.#options.tokens.verifySession(request.resumeToken);
    if (claims === undefined) throw notYours();
    checkClaims(claims, player, request.sessionId);
    await this.#containers.untilJoined(claims.containerId);
    const session = this.#sessions.get(claims.sessionId);
    if (session === undefined || session.assigning) throw isOver();
    this.#options.relay.bind(session, player);
  }

  /** Ends a session of this player. @throws RockpoolError */
  leave(player: PlayerLink, request: LeaveRequest): void {
    const session = this.#ownSession(player, request.sessionId);
    // Who leaves needs not be told; another tab that shows the session does.
    if (session.player === player) session.player = undefined;
    this.#options.ends.end(session, 'player-left');
  }

  /** @throws RockpoolError where the session is not relayed to this socket. */
  async relayFromPlayer(player: PlayerLink, signal: SessionSignal): Promise<void> {
    await this.#options.relay.fromPlayer(
      this.#ownSession(player, signal.sessionId),
      player,
      signal,
    );
  }

  /** The game goes on without this socket: media does not flow through here. */
  handlePlayerGone(player: PlayerLink): void {
    this.#options.line.handlePlayerGone(player);
    this.#options.trials.handlePlayerGone(player);
    for (const session of this.#sessions.ofPlayer(player.playerId)) {
      if (session.player === player) this.#options.relay.release(session);
    }
  }

  /** The session resumed; undefined where it is over and the player shall have a new one. */
  async #resume(
    player: PlayerLink,
    request: PlayRequest,
    { sessionId, resumeToken, silent = false }: NonNullable<PlayRequest['resume']>,
  ): Promise<Started | undefined> {
    const claims = await this.#options.tokens.verifySession(resumeToken);
    if (claims === undefined) return undefined;
    checkClaims(claims, player, sessionId);
    const { containerId } = claims;
    if (silent && this.#containers.isLost(containerId)) {
      const asked = await this.#options.builds.choose(player.playerId, request);
      // Unless it has come back meanwhile, neither its player nor signaling hears of it, and another
      // can go on at once.
      if (this.#containers.isLost(containerId) && this.#canStart(player, asked)) {
        this.#options.hosted.replace(sessionId);
        return undefined;
      }
    }
    await this.#containers.untilJoined(containerId);
    const session = this.#sessions.get(sessionId);
    const link = this.#containers.link(containerId);
    if (!session || !link || session.assigning || session.gameId !== request.gameId) {
      return undefined;
    }
    this.#options.relay.bind(session, player);
    this.#options.relay.hold(session);
    let answer: AssignAnswer;
    try {
      answer = await link.resume(this.#assignment(session, request));
    } catch (thrown) {
      const error = toRockpoolError(thrown);
      if (session.player === player) session.held = undefined;
      if (error.code !== 'unknown-session') throw error;
      // The answer tells.
      session.player = undefined;
      this.#options.ends.conclude(session, 'abandoned');
      return undefined;
    }
    if (this.#sessions.get(sessionId) !== session) return undefined;
    logSession(this.#options.log, session, 'session resumed');
    const containerName = link.hello.name;
    const { attempt } = answer;
    return {
      session,
      grant: { sessionId, resumeToken, containerId, containerName, resumed: true, attempt },
    };
  }

  #canStart(player: PlayerLink, request: AskedPlay): boolean {
    const { starter, line } = this.#options;
    const demand = { player, request, waitedMs: 0, barred: new Set<ContainerId>() };
    return !line.tickets.isWaitedFor(request.gameId) && starter.canStart(demand);
  }

  /** Undefined where the game is to start at once: a moving player must not wait. */
  #measure(player: PlayerLink, request: AskedPlay): MeasureAnswer | undefined {
    const { line, trials } = this.#options;
    if (!request.mayMeasure || request.resume || line.tickets.isWaitedFor(request.gameId))
      return undefined;
    this.#makeRoom(player);
    return trials.begin({ player, request, waitedMs: 0, barred: new Set<ContainerId>() });
  }

  async #start(
    player: PlayerLink,
    request: AskedPlay,
    answer: (choice: Choice) => void,
  ): Promise<void> {
    const started = await this.#startOrWait(player, request);
    if ('kind' in started) {
      answer(started);
      this.#options.line.handleAnswered(player, started.place);
    } else this.#grant(player, started, (grant) => answer({ kind: 'granted', grant }));
  }

  async #startOrWait(player: PlayerLink, request: AskedPlay): Promise<Started | Waiting> {
    const { starter, line, timers } = this.#options;
    const startedMs = timers.nowMs();
    const demand = { player, request, waitedMs: 0, barred: new Set<ContainerId>() };
    for (;;) {
      this.#makeRoom(player);
      // Who comes now does not overtake those who wait.
      if (line.tickets.isWaitedFor(request.gameId)) return this.#wait(player, request);
      try {
        const started = await starter.start(demand);
        this.#handleStarted(started.session, startedMs);
        return started;
      } catch (error) {
        if (toRockpoolError(error).code !== 'no-free-slot') throw error;
        const left = leftBehind(this.#sessions.ofPlayer(player.playerId));
        if (left === undefined) return line.enter(player, request);
        // The slot a player waits for may be the one they left: a closed tab, opened anew.
        await this.#options.ends.end(left, 'player-left');
      }
    }
  }

  /** Who gives up a place of their own for this one has waited for as long as they held that. */
  async #wait(player: PlayerLink, request: AskedPlay): Promise<Waiting> {
    const left = leftBehind(this.#sessions.ofPlayer(player.playerId));
    const answer = await this.#options.line.enter(player, request, left?.beganMs);
    if (left) this.#options.ends.end(left, 'player-left');
    return answer;
  }

  #handleStarted(session: Session, startedMs: number): void {
    const seconds = (this.#options.timers.nowMs() - startedMs) / 1000;
    this.#options.listener.handleStarted(session, seconds);
    logSession(this.#options.log, session, 'session started');
  }

  #grant(
    player: PlayerLink,
    { session, grant }: Started,
    answer: (grant: PlayGrant) => void,
  ): void {
    answer(grant);
    // Another tab may have taken the session over meanwhile: then its own grant delivers.
    if (session.player === player) this.#options.relay.deliverHeld(session);
  }

  #assignment({ sessionId, playerId, gameId }: Session, { settings, codecs }: PlayRequest) {
    const ice = this.#options.ice.for(playerId);
    return { sessionId, playerId, gameId, settings, codecs, ...ice };
  }

  #makeRoom(player: PlayerLink, kept = 0): void {
    const own = this.#sessions.ofPlayer(player.playerId);
    // Of all that are tried for a player, one will be played.
    const tried = own.filter(({ onTrial }) => onTrial).length;
    const games = own.length - Math.max(0, tried - 1);
    if (games - kept < MAX_SESSIONS_PER_PLAYER) return;
    const left = leftBehind(own);
    if (left === undefined) {
      throw new RockpoolError(
        'rate-limited',
        `You have ${games} games running. Close one of them to start another.`,
      );
    }
    this.#options.ends.end(left, 'player-left');
  }

  #ownSession(player: PlayerLink, sessionId: SessionId): Session {
    const session = this.#sessions.get(sessionId);
    if (session === undefined || (session.assigning && !session.onTrial)) throw isOver();
    if (session.playerId !== player.playerId) throw notYours();
    return session;
  }
}
