import type { Logger } from 'pino';
import type {
  AssignAnswer,
  JoinRequest,
  SessionStateChange,
} from '../protocol/container-messages.ts';
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
  SessionEnded,
  TicketRequest,
} from '../protocol/player-messages.ts';
import type { SessionSignal } from '../protocol/session-signal.ts';
import type { EndReason } from '../protocol/session-state.ts';
import type { ContainerLink } from './container-link.ts';
import type { ContainerRegistry } from './container-registry.ts';
import type { IceOffer } from './ice-offer.ts';
import type { IdentityTokens } from './identity-tokens.ts';
import type { PathTrials } from './path-trials.ts';
import type { SessionBrokerListener } from './session-broker-listener.ts';
import { endOn } from './session-end.ts';
import { checkClaims, isOver, notYours } from './session-refusals.ts';
import {
  adopted,
  leftBehind,
  type PlayerLink,
  type Session,
  type SessionConclusion,
  type SessionRegistry,
} from './session-registry.ts';
import { type OtherNodes, SessionRelay } from './session-relay.ts';
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
  readonly timers: Timers;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
  readonly log: Logger;
  readonly listener: SessionBrokerListener;
  /** Looked up at each use: other nodes are there once everything else is. */
  readonly nodes?: () => OtherNodes | undefined;
}

/** Containers that come back with older ones have ended them by then: their players were silent. */
const KEPT_REPLACED = 1_000;

interface Started {
  readonly session: Session;
  readonly grant: PlayGrant;
}

/** Starts, resumes and ends sessions. */
export class SessionBroker {
  readonly #options: SessionBrokerOptions;
  readonly #sessions: SessionRegistry;
  readonly #containers: ContainerRegistry;
  readonly #relay: SessionRelay;
  /** Sessions of lost containers whose players were given another: to be ended should they come back. */
  readonly #replaced = new Set<SessionId>();

  constructor(options: SessionBrokerOptions) {
    this.#options = options;
    this.#sessions = options.sessions;
    this.#containers = options.containers;
    this.#relay = new SessionRelay(options.containers, options.ice, options.nodes);
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
    this.#relay.bind(session, player);
  }

  /** Ends a session of this player. @throws RockpoolError */
  leave(player: PlayerLink, request: LeaveRequest): void {
    const session = this.#ownSession(player, request.sessionId);
    // Who leaves needs not be told; another tab that shows the session does.
    if (session.player === player) session.player = undefined;
    this.#end(session, 'player-left');
  }

  /** @throws RockpoolError where the session is not relayed to this socket. */
  async relayFromPlayer(player: PlayerLink, signal: SessionSignal): Promise<void> {
    await this.#relay.fromPlayer(this.#ownSession(player, signal.sessionId), player, signal);
  }

  /** The game goes on without this socket: media does not flow through here. */
  handlePlayerGone(player: PlayerLink): void {
    this.#options.line.handlePlayerGone(player);
    this.#options.trials.handlePlayerGone(player);
    for (const session of this.#sessions.ofPlayer(player.playerId)) {
      if (session.player === player) this.#relay.release(session);
    }
  }

  /** Takes over the sessions a container still runs; those it no longer lists are over. */
  handleContainerJoined(link: ContainerLink, running: JoinRequest['sessions']): void {
    const { containerId } = link.hello;
    const listed = new Set<SessionId>();
    for (const { sessionId, playerId, gameId, buildId, state } of running) {
      const known = this.#sessions.get(sessionId);
      if (known !== undefined && known.containerId !== containerId) {
        this.#options.log.warn({ sessionId, containerId }, "container lists another's session");
        continue;
      }
      if (this.#replaced.delete(sessionId)) {
        // Its player has long gone on elsewhere.
        void endOn(link, sessionId, this.#options.log);
        continue;
      }
      listed.add(sessionId);
      if (known) {
        known.state = state;
        this.#sessions.changed(known);
        known.player?.container({ sessionId, present: true });
      } else {
        const beganMs = this.#options.wallClockMs();
        const found = { sessionId, playerId, containerId, gameId, buildId, beganMs, state };
        this.#sessions.add(adopted(found));
      }
    }
    for (const session of this.#sessions.onContainer(containerId)) {
      if (!session.assigning && !listed.has(session.sessionId)) {
        this.#conclude(session, 'container-lost');
      }
    }
  }

  /** Its players find out by themselves whether their games go on. */
  handleContainerLost(containerId: ContainerId): void {
    for (const { sessionId, player } of this.#sessions.onContainer(containerId)) {
      player?.container({ sessionId, present: false });
    }
  }

  handleContainerGone(containerId: ContainerId): void {
    for (const session of this.#sessions.onContainer(containerId)) {
      // One still assigning fails by itself, and its player gets another container.
      if (!session.assigning) this.#conclude(session, 'container-lost');
    }
  }

  /** @throws RockpoolError where the session is not on this container. */
  handleContainerSignal(link: ContainerLink, signal: SessionSignal): void {
    const session = this.#sessionOn(link, signal.sessionId);
    if (session === undefined) throw isOver();
    this.#relay.fromContainer(session, signal);
  }

  /** @throws RockpoolError where the session is not on this container. */
  handleSessionState(link: ContainerLink, change: SessionStateChange): void {
    const session = this.#sessionOn(link, change.sessionId);
    if (session === undefined) throw isOver();
    session.state = change.state;
    this.#sessions.changed(session);
  }

  /** One that is over already is no error: the player may have left. @throws RockpoolError */
  handleSessionEnded(link: ContainerLink, ended: SessionEnded): void {
    const session = this.#sessionOn(link, ended.sessionId);
    if (session) this.#conclude(session, ended.reason, ended.detail);
  }

  /** The node of its container has told that a session is over. */
  handleEndedElsewhere(session: Session, { reason, detail }: SessionConclusion): void {
    const { sessionId, player, assigning } = session;
    this.#sessions.remove(session, { reason, detail });
    if (assigning) return;
    player?.sessionEnded({ sessionId, reason, ...(detail !== undefined && { detail }) });
    this.#options.listener.handleEndedElsewhere(session, reason);
  }

  /** A socket of its player on another node has the session from now on. */
  handleBoundElsewhere(session: Session): void {
    this.#relay.unbind(session);
  }

  /** What a container of another node has to say to a player here. */
  handleSignalElsewhere(signal: SessionSignal): void {
    const session = this.#sessions.get(signal.sessionId);
    if (session) this.#relay.fromContainer(session, signal);
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
        this.#replace(sessionId);
        return undefined;
      }
    }
    await this.#containers.untilJoined(containerId);
    const session = this.#sessions.get(sessionId);
    const link = this.#containers.link(containerId);
    if (!session || !link || session.assigning || session.gameId !== request.gameId) {
      return undefined;
    }
    this.#relay.bind(session, player);
    this.#relay.hold(session);
    let answer: AssignAnswer;
    try {
      answer = await link.resume(this.#assignment(session, request));
    } catch (thrown) {
      const error = toRockpoolError(thrown);
      if (session.player === player) session.held = undefined;
      if (error.code !== 'unknown-session') throw error;
      // The answer tells.
      session.player = undefined;
      this.#conclude(session, 'abandoned');
      return undefined;
    }
    if (this.#sessions.get(sessionId) !== session) return undefined;
    this.#log(session, 'session resumed');
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
    return !line.isWaitedFor(request.gameId) && starter.canStart(demand);
  }

  #replace(sessionId: SessionId): void {
    const session = this.#sessions.get(sessionId);
    if (!session) return;
    session.player = undefined;
    this.#conclude(session, 'container-lost');
    this.#replaced.add(sessionId);
    for (const oldest of this.#replaced) {
      if (this.#replaced.size <= KEPT_REPLACED) break;
      this.#replaced.delete(oldest);
    }
  }

  /** Undefined where the game is to start at once: a moving player must not wait. */
  #measure(player: PlayerLink, request: AskedPlay): MeasureAnswer | undefined {
    const { line, trials } = this.#options;
    if (!request.mayMeasure || request.resume || line.isWaitedFor(request.gameId)) return undefined;
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
      if (line.isWaitedFor(request.gameId)) return this.#wait(player, request);
      try {
        const started = await starter.start(demand);
        this.#handleStarted(started.session, startedMs);
        return started;
      } catch (error) {
        if (toRockpoolError(error).code !== 'no-free-slot') throw error;
        const left = leftBehind(this.#sessions.ofPlayer(player.playerId));
        if (left === undefined) return line.enter(player, request);
        // The slot a player waits for may be the one they left: a closed tab, opened anew.
        await this.#end(left, 'player-left');
      }
    }
  }

  /** Who gives up a place of their own for this one has waited for as long as they held that. */
  async #wait(player: PlayerLink, request: AskedPlay): Promise<Waiting> {
    const left = leftBehind(this.#sessions.ofPlayer(player.playerId));
    const answer = await this.#options.line.enter(player, request, left?.beganMs);
    if (left) this.#end(left, 'player-left');
    return answer;
  }

  #handleStarted(session: Session, startedMs: number): void {
    const seconds = (this.#options.timers.nowMs() - startedMs) / 1000;
    this.#options.listener.handleStarted(session, seconds);
    this.#log(session, 'session started');
  }

  #grant(
    player: PlayerLink,
    { session, grant }: Started,
    answer: (grant: PlayGrant) => void,
  ): void {
    answer(grant);
    // Another tab may have taken the session over meanwhile: then its own grant delivers.
    if (session.player === player) this.#relay.deliverHeld(session);
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
    this.#end(left, 'player-left');
  }

  /** Forgets a session and has its container end it. Resolves when that has confirmed it, or will not. */
  async #end(session: Session, reason: EndReason): Promise<void> {
    this.#conclude(session, reason);
    await endOn(this.#containers.link(session.containerId), session.sessionId, this.#options.log);
  }

  #conclude(session: Session, reason: EndReason, detail?: string): void {
    const { sessionId, player } = session;
    this.#sessions.remove(session, session.assigning ? undefined : { reason, detail });
    // Its player does not know a session that is still assigning: the answer to `play` tells.
    if (!session.assigning) {
      player?.sessionEnded({ sessionId, reason, ...(detail !== undefined && { detail }) });
      this.#options.listener.handleEnded(session, reason, detail);
    } else if (session.onTrial) player?.sessionEnded({ sessionId, reason });
    this.#log(session, `session ended: ${reason}`);
  }

  #ownSession(player: PlayerLink, sessionId: SessionId): Session {
    const session = this.#sessions.get(sessionId);
    if (session === undefined || (session.assigning && !session.onTrial)) throw isOver();
    if (session.playerId !== player.playerId) throw notYours();
    return session;
  }

  #sessionOn(link: ContainerLink, sessionId: SessionId): Session | undefined {
    const session = this.#sessions.get(sessionId);
    if (session && session.containerId !== link.hello.containerId) throw notYours();
    return session;
  }

  #log({ sessionId, playerId, containerId, gameId }: Session, what: string): void {
    this.#options.log.info({ sessionId, playerId, containerId, gameId }, what);
  }
}
