import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type {
  AssignAnswer,
  JoinRequest,
  SessionStateChange,
} from '../protocol/container-messages.ts';
import { RockpoolError, toRockpoolError } from '../protocol/errors.ts';
import { type ContainerId, type SessionId, sessionIdSchema } from '../protocol/ids.ts';
import type {
  AttachRequest,
  LeaveRequest,
  PlayGrant,
  PlayRequest,
  SessionEnded,
} from '../protocol/player-messages.ts';
import type { IceServer, SessionSignal } from '../protocol/session-signal.ts';
import type { EndReason } from '../protocol/session-state.ts';
import type { ContainerLink, ContainerRegistry } from './container-registry.ts';
import type { IdentityTokens } from './identity-tokens.ts';
import { choose } from './pairing.ts';
import { checkClaims, containerAway, isOver, notYours } from './session-refusals.ts';
import type { PlayerLink, Session, SessionRegistry } from './session-registry.ts';
import type { Timers } from './timers.ts';

/**
 * Sessions one player may hold at once: the one being played, and one left behind a moment ago that
 * is still in its grace. A third makes the one left behind end, and is refused if there is none.
 */
export const MAX_SESSIONS_PER_PLAYER = 2;

export interface SessionBrokerOptions {
  readonly sessions: SessionRegistry;
  readonly containers: ContainerRegistry;
  readonly tokens: IdentityTokens;
  readonly iceServers: readonly IceServer[];
  readonly timers: Timers;
  readonly log: Logger;
  /** Told how long a player waited for a new session, in seconds. */
  readonly onPaired: (seconds: number) => void;
}

/** Starts, resumes and ends sessions, and relays between the two parties of each. */
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
   * Grants the session asked for, or a new one. `grant` is called before any signal of that
   * session is relayed to the player.
   * @throws RockpoolError worded for the player.
   */
  async play(
    player: PlayerLink,
    request: PlayRequest,
    grant: (grant: PlayGrant) => void,
  ): Promise<void> {
    const session =
      (request.resume && (await this.#resume(player, request, request.resume, grant))) ??
      (await this.#start(player, request, grant));
    // Another tab may have taken the session over meanwhile: then its own grant delivers.
    if (session.player === player) this.#deliverHeld(session);
  }

  /** Relays a running session to this socket again. @throws RockpoolError */
  async attach(player: PlayerLink, request: AttachRequest): Promise<void> {
    const claims = await this.#options.tokens.verifySession(request.resumeToken);
    if (claims === undefined) throw notYours();
    checkClaims(claims, player, request.sessionId);
    await this.#containers.untilJoined(claims.containerId);
    const session = this.#sessions.get(claims.sessionId);
    if (session === undefined || session.assigning) throw isOver();
    this.#bind(session, player);
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
    const session = this.#ownSession(player, signal.sessionId);
    if (session.player !== player) {
      throw new RockpoolError('unauthorised', 'This game goes on over another connection.');
    }
    const link = this.#containers.link(session.containerId);
    if (link === undefined) throw containerAway();
    await link.signal(signal);
  }

  /** The game goes on without this socket: media does not flow through here. */
  handlePlayerGone(player: PlayerLink): void {
    for (const session of this.#sessions.ofPlayer(player.playerId)) {
      if (session.player === player) session.player = undefined;
    }
  }

  /** Takes over the sessions a container still runs; those it no longer lists are over. */
  handleContainerJoined(link: ContainerLink, running: JoinRequest['sessions']): void {
    const { containerId } = link.hello;
    const listed = new Set<SessionId>();
    for (const { sessionId, playerId, gameId, state } of running) {
      const known = this.#sessions.get(sessionId);
      if (known !== undefined && known.containerId !== containerId) {
        this.#options.log.warn({ sessionId, containerId }, "container lists another's session");
        continue;
      }
      listed.add(sessionId);
      if (known) known.state = state;
      else {
        this.#sessions.add({
          sessionId,
          playerId,
          containerId,
          gameId,
          state,
          assigning: false,
          player: undefined,
          held: undefined,
        });
      }
    }
    for (const session of this.#sessions.onContainer(containerId)) {
      if (!session.assigning && !listed.has(session.sessionId)) {
        this.#conclude(session, 'container-lost');
      }
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
    if (session.held) session.held.push(signal);
    // While the player's socket is away the signal is lost; a resume begins a new attempt anyway.
    else session.player?.signal(signal);
  }

  /** @throws RockpoolError where the session is not on this container. */
  handleSessionState(link: ContainerLink, change: SessionStateChange): void {
    const session = this.#sessionOn(link, change.sessionId);
    if (session === undefined) throw isOver();
    session.state = change.state;
  }

  /** One that is over already is no error: the player may have left. @throws RockpoolError */
  handleSessionEnded(link: ContainerLink, ended: SessionEnded): void {
    const session = this.#sessionOn(link, ended.sessionId);
    if (session) this.#conclude(session, ended.reason, ended.detail);
  }

  /** The session resumed; undefined where it is over and the player shall have a new one. */
  async #resume(
    player: PlayerLink,
    request: PlayRequest,
    { sessionId, resumeToken }: AttachRequest,
    grant: (grant: PlayGrant) => void,
  ): Promise<Session | undefined> {
    const claims = await this.#options.tokens.verifySession(resumeToken);
    if (claims === undefined) return undefined;
    checkClaims(claims, player, sessionId);
    await this.#containers.untilJoined(claims.containerId);
    const session = this.#sessions.get(sessionId);
    const link = this.#containers.link(claims.containerId);
    if (!session || !link || session.assigning || session.gameId !== request.gameId) {
      return undefined;
    }
    this.#bind(session, player);
    session.held = [];
    let answer: AssignAnswer;
    try {
      answer = await link.resume(this.#assignment(session, request));
    } catch (thrown) {
      const error = toRockpoolError(thrown);
      if (session.player === player) session.held = undefined;
      if (error.code !== 'unknown-session') throw error;
      this.#sessions.remove(session);
      return undefined;
    }
    if (this.#sessions.get(sessionId) !== session) return undefined;
    this.#log(session, 'session resumed');
    grant({
      sessionId,
      resumeToken,
      containerId: session.containerId,
      containerName: link.hello.name,
      resumed: true,
      attempt: answer.attempt,
    });
    return session;
  }

  async #start(
    player: PlayerLink,
    request: PlayRequest,
    grant: (grant: PlayGrant) => void,
  ): Promise<Session> {
    const startedMs = this.#options.timers.nowMs();
    const tried = new Set<ContainerId>();
    let failure: RockpoolError | undefined;
    for (;;) {
      // From here until the session is added nothing waits: two plays never see the same last slot.
      this.#makeRoom(player);
      let link: ContainerLink;
      try {
        link = this.#choose(request, tried, failure);
      } catch (error) {
        const left = this.#leftBehind(player);
        if (left === undefined || toRockpoolError(error).code !== 'no-free-slot') throw error;
        // The slot a player waits for may be the one they left: a closed tab, opened anew.
        await this.#end(left, 'player-left');
        continue;
      }
      tried.add(link.hello.containerId);
      const session: Session = {
        sessionId: sessionIdSchema.parse(randomUUID()),
        playerId: player.playerId,
        containerId: link.hello.containerId,
        gameId: request.gameId,
        state: 'connecting',
        assigning: true,
        player,
        held: [],
      };
      this.#sessions.add(session);
      try {
        const granted = await this.#assign(session, link, request);
        this.#options.onPaired((this.#options.timers.nowMs() - startedMs) / 1000);
        this.#log(session, 'session started');
        grant(granted);
        return session;
      } catch (thrown) {
        failure = toRockpoolError(thrown);
        const { sessionId, containerId } = session;
        this.#options.log.warn({ sessionId, containerId, err: failure }, 'assignment failed');
        // It may have started after all, its answer lost or late.
        this.#end(session);
        if (!player.connected) throw failure;
      }
    }
  }

  async #assign(session: Session, link: ContainerLink, request: PlayRequest): Promise<PlayGrant> {
    const { sessionId, playerId, containerId, gameId } = session;
    const { attempt } = await link.assign(this.#assignment(session, request));
    session.assigning = false;
    const resumeToken = await this.#options.tokens.issueSession({
      sessionId,
      playerId,
      containerId,
      gameId,
    });
    if (this.#sessions.get(sessionId) !== session) {
      throw new RockpoolError('game-failed', 'The game ended before it began. Try again.');
    }
    if (!session.player?.connected) {
      throw new RockpoolError('unknown-session', 'The player left before the game began.');
    }
    return {
      sessionId,
      resumeToken,
      containerId,
      containerName: link.hello.name,
      resumed: false,
      attempt,
    };
  }

  /** @throws RockpoolError the last failure where all candidates failed, else why there is none. */
  #choose(
    request: PlayRequest,
    tried: ReadonlySet<ContainerId>,
    failure: RockpoolError | undefined,
  ): ContainerLink {
    const candidates = this.#containers.candidates().filter((c) => !tried.has(c.containerId));
    try {
      const link = this.#containers.link(choose(candidates, request));
      if (link === undefined) throw containerAway();
      return link;
    } catch (error) {
      throw failure ?? error;
    }
  }

  #assignment({ sessionId, playerId, gameId }: Session, { settings, codecs }: PlayRequest) {
    const iceServers = [...this.#options.iceServers];
    return { sessionId, playerId, gameId, settings, codecs, iceServers };
  }

  #makeRoom(player: PlayerLink): void {
    const own = this.#sessions.ofPlayer(player.playerId);
    if (own.length < MAX_SESSIONS_PER_PLAYER) return;
    const left = this.#leftBehind(player);
    if (left === undefined) {
      throw new RockpoolError(
        'rate-limited',
        `You have ${own.length} games running. Close one of them to start another.`,
      );
    }
    this.#end(left, 'player-left');
  }

  /** A session of this player that nobody is looking at. */
  #leftBehind(player: PlayerLink): Session | undefined {
    return this.#sessions
      .ofPlayer(player.playerId)
      .find(
        ({ state, player: link }) =>
          state === 'interrupted' || (state === 'connecting' && link === undefined),
      );
  }

  #bind(session: Session, player: PlayerLink): void {
    const earlier = session.player;
    session.player = player;
    if (earlier === undefined || earlier === player) return;
    earlier.sessionEnded({
      sessionId: session.sessionId,
      reason: 'player-left',
      detail: 'This game was opened in another tab.',
    });
  }

  #deliverHeld(session: Session): void {
    const held = session.held ?? [];
    session.held = undefined;
    for (const signal of held) session.player?.signal(signal);
  }

  /**
   * Forgets a session and has its container end it; without a reason its player is not told.
   * Resolves when the container has confirmed it, or will not.
   */
  async #end(session: Session, reason?: EndReason): Promise<void> {
    const { sessionId, containerId } = session;
    if (reason) this.#conclude(session, reason);
    else this.#sessions.remove(session);
    try {
      await this.#containers.link(containerId)?.end({ sessionId });
    } catch (err) {
      this.#options.log.warn({ sessionId, containerId, err }, 'container did not confirm the end');
    }
  }

  #conclude(session: Session, reason: EndReason, detail?: string): void {
    const { sessionId, player } = session;
    this.#sessions.remove(session);
    // Its player does not know a session that is still assigning: the answer to `play` tells.
    if (!session.assigning) {
      player?.sessionEnded({ sessionId, reason, ...(detail !== undefined && { detail }) });
    }
    this.#log(session, `session ended: ${reason}`);
  }

  #ownSession(player: PlayerLink, sessionId: SessionId): Session {
    const session = this.#sessions.get(sessionId);
    if (session === undefined || session.assigning) throw isOver();
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
