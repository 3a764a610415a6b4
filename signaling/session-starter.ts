import { randomInt, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { AssignAnswer, AssignRequest, ContainerLoad } from '../protocol/container-messages.ts';
import { type ErrorCode, RockpoolError, toRockpoolError } from '../protocol/errors.ts';
import { type ContainerId, sessionIdSchema } from '../protocol/ids.ts';
import type { PairingDecision } from '../protocol/pairing-decision.ts';
import { OFFER_HOLD_MS, type PlayGrant, type PlayRequest } from '../protocol/player-messages.ts';
import { needsOn } from '../protocol/session-needs.ts';
import { bestThereIs } from './best-there-is.ts';
import type { ContainerLink } from './container-link.ts';
import type { ContainerRegistry } from './container-registry.ts';
import type { IceOffer } from './ice-offer.ts';
import type { IdentityTokens } from './identity-tokens.ts';
import { hasBetterPlace } from './indexer/better-place.ts';
import type { ContainerIndex } from './indexer/container-index.ts';
import type { Pairing, PairingProblem } from './indexer/decide.ts';
import { Examination } from './indexer/examination.ts';
import { offerKey } from './indexer/offer-key.ts';
import type { Ticket } from './indexer/ticket.ts';
import { pathsOf } from './path-knowledge.ts';
import { endOn } from './session-end.ts';
import type { PlayerLink, Session, SessionRegistry } from './session-registry.ts';
import type { AskedPlay, PlayBuilds } from './studio/releases/play-builds.ts';

/** The network and the player's own reaction use some of the time an offer is held. */
const HOLD_MARGIN_MS = 2_000;

/** What is asked for. */
export interface Wish {
  readonly request: Pick<AskedPlay, 'gameId' | 'buildId' | 'settings' | 'codecs' | 'knownPaths'>;
  readonly waitedMs: number;
  /** Not to be asked: kept for someone who waits longer, or this one was refused there just now. */
  readonly barred: ReadonlySet<ContainerId>;
}

/** A place that a container was asked to keep. */
export interface AskedPlace {
  /** Nobody's before it is given: see {@link SessionStarter.give}. */
  readonly session: Session;
  /** Resolves when the place is kept. Rejects where it will not be: the session is forgotten then. */
  readonly kept: Promise<void>;
}

/** What is asked for, and by whom. */
export interface Demand extends Wish {
  readonly player: PlayerLink;
  readonly request: AskedPlay;
}

/** What a container was asked, and what it had told until then. */
export interface Attempt {
  readonly session: Session;
  /** Undefined where it was not connected. */
  readonly link: ContainerLink | undefined;
  readonly told: ContainerLoad | undefined;
}

export interface SessionStarterOptions {
  readonly sessions: SessionRegistry;
  readonly containers: ContainerRegistry;
  readonly index: ContainerIndex;
  readonly tokens: IdentityTokens;
  readonly builds: PlayBuilds;
  readonly ice: IceOffer;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
  readonly log: Logger;
}

/** Finds a container for a new session, and has it start the game or keep a place for it. */
export class SessionStarter {
  readonly #options: SessionStarterOptions;

  constructor(options: SessionStarterOptions) {
    this.#options = options;
  }

  /** Whether some container would take this now. */
  canStart(wish: Wish): boolean {
    return this.choose(wish) !== undefined;
  }

  /** The container that would be asked first. */
  choose(wish: Wish): ContainerId | undefined {
    return this.pair(wish).chosen;
  }

  /** Whether there is a place now that is clearly better than a container that does not keep up. */
  hasBetterPlace(demand: Demand, containerId: ContainerId): boolean {
    const { index } = this.#options;
    return hasBetterPlace(index, ticketOf(demand, new Set(), index), containerId);
  }

  /** @throws RockpoolError why no container takes it: `no-free-slot` where that may change. */
  async start(demand: Demand): Promise<{ session: Session; grant: PlayGrant }> {
    return this.#tryEach(demand, async (session, link) => ({
      session,
      grant: await this.#assign(session, link, demand.request),
    }));
  }

  /**
   * Asks the best container to keep a place for a while. It counts as taken from now on.
   * @throws RockpoolError as {@link start}.
   */
  ask(demand: Demand): AskedPlace {
    const { session, link } = this.#choose(demand, new Set(), undefined);
    this.#options.sessions.hold(session);
    return { session, kept: this.#keep(session, link, demand.request) };
  }

  /** A place that is kept is for this player. */
  give(session: Session, player: PlayerLink): void {
    this.#options.sessions.give(session, player);
  }

  /** Whether a place kept for a demand of the same game and picture would do for this one, too. */
  suits(demand: Demand, { containerId }: Session): boolean {
    const { index } = this.#options;
    const candidate = index.get(containerId);
    return (
      candidate !== undefined &&
      demand.request.codecs.some((codec) => candidate.codecs.has(codec)) &&
      new Examination(index, ticketOf(demand, new Set(), index)).reaches(containerId)
    );
  }

  /** Starts what a place was kept for. @throws RockpoolError where the container is gone or refuses. */
  async redeem(session: Session, request: PlayRequest): Promise<PlayGrant> {
    const link = this.#options.containers.link(session.containerId);
    try {
      if (!link) throw awayError();
      return await this.#assign(session, link, request);
    } catch (error) {
      this.cancel(session);
      throw error;
    }
  }

  /** Forgets a session that has not begun, and has its container forget it. */
  cancel(session: Session): void {
    const { sessions, containers, log } = this.#options;
    sessions.remove(session);
    void endOn(containers.link(session.containerId), session.sessionId, log);
  }

  /** Which container a demand would have now, and what the indexer was asked. */
  pair(
    wish: Wish,
    refused: ReadonlySet<ContainerId> = new Set(),
  ): Pairing & { readonly ticket: Ticket } {
    const { index } = this.#options;
    const ticket = ticketOf(wish, refused, index);
    return { ...bestThereIs(index, ticket), ticket };
  }

  /** Adds a session that is to be tried on a container, which does not know of it yet. */
  openTrial({ player, request }: Demand, containerId: ContainerId): Session {
    const session = this.#newSession(player, request, containerId, undefined);
    session.onTrial = true;
    this.#options.sessions.add(session);
    return session;
  }

  /** Starts the game of a trial. @throws RockpoolError where the container is gone or refuses. */
  async confirm(session: Session): Promise<PlayGrant> {
    const { sessionId, playerId, containerId, gameId } = session;
    const { containers } = this.#options;
    const link = containers.link(containerId);
    if (!link) throw awayError();
    const answer = await link.confirm({ sessionId, playerId, gameId });
    containers.handleAnswer(containerId, true);
    return this.#admit(session, link, answer);
  }

  /** What its container is told of a session that it is to have. @throws RockpoolError */
  async orderOf(
    { sessionId, playerId, containerId, gameId, buildId }: Session,
    { settings, codecs }: Pick<PlayRequest, 'settings' | 'codecs'>,
  ): Promise<AssignRequest> {
    const { ice, builds } = this.#options;
    const build = buildId && (await builds.order(buildId, containerId));
    const order = { sessionId, playerId, gameId, settings, codecs, ...ice.for(playerId) };
    return { ...order, ...(build && { build }) };
  }

  /** What its container is about to be asked. */
  attempt(session: Session): Attempt {
    const { containers } = this.#options;
    const { containerId } = session;
    return { session, link: containers.link(containerId), told: containers.loadOf(containerId) };
  }

  /** A container did not take what it was asked for, and is to forget it. @returns why. */
  handleRefused({ session, link, told }: Attempt, thrown: unknown): RockpoolError {
    const { containers, log } = this.#options;
    const { sessionId, containerId } = session;
    const failure = toRockpoolError(thrown);
    log.warn({ sessionId, containerId, err: failure }, 'assignment failed');
    // What follows from news that have come meanwhile is no fault of the container's.
    const hasNews =
      containers.link(containerId) !== link || containers.loadOf(containerId) !== told;
    if (!isExcused(failure.code, hasNews)) containers.handleAnswer(containerId, false);
    // It may have started after all, its answer lost or late.
    this.cancel(session);
    return failure;
  }

  /** One container after the other, best first, until one takes the session. */
  async #tryEach<T>(
    demand: Demand,
    attempt: (session: Session, link: ContainerLink) => Promise<T>,
  ): Promise<T> {
    const { containers } = this.#options;
    const refused = new Set<ContainerId>();
    let failure: RockpoolError | undefined;
    for (;;) {
      // From here until the session is added nothing waits: two plays never see the same last slot.
      const { session, link } = this.#choose(demand, refused, failure);
      const { containerId } = session;
      this.#options.sessions.add(session);
      refused.add(containerId);
      const asked = this.attempt(session);
      try {
        const done = await attempt(session, link);
        containers.handleAnswer(containerId, true);
        return done;
      } catch (thrown) {
        failure = this.handleRefused(asked, thrown);
        if (!demand.player.connected) throw failure;
        // One that has come back meanwhile, at another node perhaps, has not been asked yet.
        const joinedAnew = containers.link(containerId);
        if (joinedAnew && joinedAnew !== asked.link) refused.delete(containerId);
      }
    }
  }

  async #keep(session: Session, link: ContainerLink, request: PlayRequest): Promise<void> {
    const { sessionId, containerId } = session;
    const holdMs = OFFER_HOLD_MS + HOLD_MARGIN_MS;
    const asked = this.attempt(session);
    try {
      const { gameId, build, settings } = await this.orderOf(session, request);
      await link.reserve({ sessionId, gameId, ...(build && { build }), settings, holdMs });
      this.#options.containers.handleAnswer(containerId, true);
    } catch (thrown) {
      throw this.handleRefused(asked, thrown);
    }
  }

  /** @throws RockpoolError the last failure where all candidates failed, else why there is none. */
  #choose(
    demand: Demand,
    refused: ReadonlySet<ContainerId>,
    failure: RockpoolError | undefined,
  ): { session: Session; link: ContainerLink } {
    const { containers } = this.#options;
    const { player, request } = demand;
    const { chosen, decision, problem } = this.pair(demand, refused);
    if (chosen === undefined) throw failure ?? problemError(problem, request);
    const link = containers.link(chosen);
    if (!link) throw failure ?? awayError();
    const session = this.#newSession(player, request, chosen, decision);
    return { session, link };
  }

  #newSession(
    player: PlayerLink,
    { gameId, buildId, settings }: AskedPlay,
    containerId: ContainerId,
    decision: PairingDecision | undefined,
  ): Session {
    const container = this.#options.index.get(containerId);
    const game = this.#options.index.offerOf(containerId, offerKey(gameId, buildId));
    return {
      sessionId: sessionIdSchema.parse(randomUUID()),
      playerId: player.playerId,
      containerId,
      gameId,
      ...(buildId && { buildId }),
      needs: container && game && needsOn(container.capacity, game.needs, settings),
      decision,
      beganMs: this.#options.wallClockMs(),
      state: 'connecting',
      assigning: true,
      player,
      held: [],
    };
  }

  async #assign(session: Session, link: ContainerLink, request: PlayRequest): Promise<PlayGrant> {
    const order = await this.orderOf(session, request);
    return this.#admit(session, link, await link.assign(order));
  }

  /** The game is about to start. @throws RockpoolError where its player is gone meanwhile. */
  async #admit(
    session: Session,
    link: ContainerLink,
    { attempt }: AssignAnswer,
  ): Promise<PlayGrant> {
    const { sessionId, playerId, containerId, gameId, buildId } = session;
    session.assigning = false;
    session.onTrial = false;
    this.#options.sessions.changed(session);
    const claims = { sessionId, playerId, containerId, gameId, ...(buildId && { buildId }) };
    const resumeToken = await this.#options.tokens.issueSession(claims);
    if (this.#options.sessions.get(sessionId) !== session) {
      throw new RockpoolError('game-failed', 'The game ended before it began. Try again.');
    }
    if (!session.player?.connected) {
      throw new RockpoolError('unknown-session', 'The player left before the game began.');
    }
    const containerName = link.hello.name;
    return { sessionId, resumeToken, containerId, containerName, resumed: false, attempt };
  }
}

function ticketOf(
  { request, waitedMs, barred }: Wish,
  refused: ReadonlySet<ContainerId>,
  index: ContainerIndex,
): Ticket {
  const { gameId, buildId, codecs, settings, knownPaths = [] } = request;
  return {
    gameId: offerKey(gameId, buildId),
    codecs,
    settings,
    players: 1,
    waitedMs,
    ...pathsOf(knownPaths, index),
    refused: barred.size === 0 ? refused : new Set([...refused, ...barred]),
    seed: randomInt(0x1_0000_0000),
  };
}

/**
 * A container that is cut off may be back in a moment; a player may go; another node may have been given
 * the place that this one saw. For any other failure it is soon asked no more, or those who wait would
 * ask it again and again.
 * @param hasNews whether it is connected anew, or has told another load, since it was asked.
 */
function isExcused(code: ErrorCode, hasNews: boolean): boolean {
  if (code === 'unknown-session') return true;
  return hasNews && (code === 'container-lost' || code === 'no-free-slot');
}

function awayError(): RockpoolError {
  return new RockpoolError(
    'container-lost',
    'The machine that was to run the game is not connected any more.',
  );
}

/** Worded for a player. */
function problemError(problem: PairingProblem | undefined, { gameId }: PlayRequest): RockpoolError {
  switch (problem) {
    case 'no-container':
      return new RockpoolError(
        'no-free-slot',
        'No machine that runs games is connected right now. Try again in a moment.',
      );
    case 'game-missing':
      return new RockpoolError('unknown-game', `There is no game called "${gameId}" here.`);
    case 'no-common-codec':
      return new RockpoolError(
        'no-common-codec',
        'This browser cannot show the video this game is sent as. Try a current Chrome, Edge, Safari or Firefox.',
      );
    case 'no-gpu':
      return new RockpoolError('no-gpu', 'No machine here has the GPU that this game needs.');
    default:
      return new RockpoolError(
        'no-free-slot',
        'Every place for this game is taken right now. Try again in a few minutes.',
      );
  }
}
