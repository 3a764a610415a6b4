import type { Logger } from 'pino';
import type { ContainerId, GameId } from '../protocol/ids.ts';
import { sessionNeeds } from '../protocol/session-needs.ts';
import { ContainerRegistry } from './container-registry.ts';
import { HostedSessions } from './hosted-sessions.ts';
import type { IceOffer } from './ice-offer.ts';
import type { IdentityTokens } from './identity-tokens.ts';
import { ContainerIndex, FILED_AT_ONCE } from './indexer/container-index.ts';
import { offerKey } from './indexer/offer-key.ts';
import type { EndingNews } from './nodes/node-messages.ts';
import { type NodeIdentity, PoolNodes, type PoolNodesOptions } from './nodes/pool-nodes.ts';
import { PathTrials } from './path-trials.ts';
import { PlayHistory } from './play-history.ts';
import { SessionBroker } from './session-broker.ts';
import { SessionEnds } from './session-end.ts';
import { SessionGuests } from './session-guests.ts';
import type { SessionListener } from './session-listener.ts';
import { SessionMover } from './session-mover.ts';
import { SessionRegistry } from './session-registry.ts';
import { SessionRelay } from './session-relay.ts';
import { SessionStarter, type Wish } from './session-starter.ts';
import type { Store } from './store/store.ts';
import { PlayBuilds } from './studio/releases/play-builds.ts';
import { ReleaseCatalogue } from './studio/releases/release-catalogue.ts';
import type { Timers } from './timers.ts';
import { WaitForecast } from './wait-forecast.ts';
import { WaitingLine } from './waiting-line.ts';

/** What is usual in the pool moves by the hour. */
const REFRESH_USUAL_MS = 60_000;

/** Players and containers are answered in between. */
const FILE_PAUSE_MS = 5;

export interface ControlPlaneOptions {
  readonly store: Store;
  readonly tokens: IdentityTokens;
  readonly ice: IceOffer;
  readonly timers: Timers;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
  readonly log: Logger;
  /** Told how long a player waited for a new session, in seconds. */
  readonly handlePaired: (seconds: number) => void;
  /** This node among others; left out where it is the only one. */
  readonly identity?: NodeIdentity | undefined;
  /** Told the picture of a game that a container of another node has. */
  readonly handleCover?: (gameId: GameId, webp: Buffer) => void;
  /** Told that a container of another node ends a session, and may bring a save until then. */
  readonly handleEnding?: (ending: EndingNews, ended: Promise<void>) => void;
  /** Told that a container could not run a build that it was asked to try out. */
  readonly handleNotTried?: PoolNodesOptions['handleNotTried'];
  /** Told that another node has no pictures yet. */
  readonly handleNewNode?: () => void;
}

/** The parts that pair players with containers, joined to one another. */
export interface ControlPlane {
  readonly sessions: SessionRegistry;
  readonly containers: ContainerRegistry;
  readonly index: ContainerIndex;
  readonly broker: SessionBroker;
  readonly hosted: HostedSessions;
  readonly mover: SessionMover;
  readonly line: WaitingLine;
  readonly history: PlayHistory;
  readonly guests: SessionGuests;
  /** What studios have released: to be opened before anybody plays. */
  readonly catalogue: ReleaseCatalogue;
  readonly builds: PlayBuilds;
  /** Undefined where this node is the only one. */
  readonly nodes: PoolNodes | undefined;
  close(): Promise<void>;
}

export function createControlPlane(options: ControlPlaneOptions): ControlPlane {
  const { store, tokens, ice, timers, wallClockMs, log } = options;
  const index = new ContainerIndex();
  const sessions = new SessionRegistry();
  const compete = (one: GameId, other: GameId) => one === other || index.shareMachine(one, other);
  const forecast = new WaitForecast({
    compete,
    lengthsOf: (gameId) => history.lengthsOf(gameId),
    running: (gameId) => [...sessions.all()].filter((one) => compete(one.gameId, gameId)).length,
  });
  const history: PlayHistory = new PlayHistory({ store, forecast, wallClockMs, log });
  const containers: ContainerRegistry = new ContainerRegistry(
    sessions,
    timers,
    (id) => history.qualityOf(id),
    {
      handleCandidate: (candidate) => {
        index.upsert(candidate);
        if (candidate.state === 'standby' && candidate.freeSlots > 0) line.handleRoom();
      },
      handleCandidateGone: (containerId) => index.remove(containerId),
      handleContainerGone: (containerId) => {
        hosted.handleContainerGone(containerId);
        nodes?.forget(containerId);
      },
      isCutOff: () => nodes?.connected === false,
    },
  );
  const catalogue: ReleaseCatalogue = new ReleaseCatalogue({
    games: store.studio.games,
    timers,
    log,
    handleChange: () => {
      index.setBuilds(catalogue.builds());
      line.handleRoom();
    },
  });
  const builds = new PlayBuilds({ catalogue, tokens });
  const starter = new SessionStarter({
    sessions,
    containers,
    index,
    tokens,
    builds,
    ice,
    wallClockMs,
    log,
  });
  const line: WaitingLine = new WaitingLine({
    starter,
    containers,
    tokens,
    forecast,
    timers,
    wallClockMs,
    log,
    compete,
    machines: (gameId) => index.holders(gameId)?.size ?? 0,
    bestWhenEmpty: (wish) => bestWhenEmpty(index, wish),
    nodeId: options.identity?.nodeId,
  });
  const listener: SessionListener = {
    handleStarted: (session, seconds) => {
      options.handlePaired(seconds);
      history.handleStarted(session);
    },
    handleEnded: (session, reason, detail) => {
      history.handleEnded(session, reason, detail);
      guests.handleSessionEnded(session.sessionId, reason);
    },
    handleEndedElsewhere: (session, reason) => {
      history.handleEndedElsewhere(session, reason);
      guests.handleSessionEnded(session.sessionId, reason);
    },
  };
  const trials = new PathTrials({ sessions, containers, index, starter, timers });
  const relay = new SessionRelay(containers, ice, () => nodes);
  const ends = new SessionEnds({ sessions, containers, log, listener });
  const hosted: HostedSessions = new HostedSessions({ sessions, relay, ends, wallClockMs, log });
  const broker = new SessionBroker({
    sessions,
    containers,
    starter,
    line,
    trials,
    builds,
    tokens,
    ice,
    hosted,
    relay,
    ends,
    timers,
    log,
    listener,
  });
  const mover = new SessionMover({
    sessions,
    starter,
    line,
    relay,
    ends,
    timers,
    log,
    listener,
    handleStrained: (session) => history.handleStrained(session),
  });
  const guests: SessionGuests = new SessionGuests({ sessions, containers, tokens, ice, log });
  const nodes: PoolNodes | undefined =
    options.identity &&
    new PoolNodes({
      identity: options.identity,
      sessions,
      containers,
      hosted,
      guests,
      line,
      history,
      timers,
      wallClockMs,
      log,
      handleCover: options.handleCover ?? (() => {}),
      handleEnding: options.handleEnding ?? (() => {}),
      handleNewNode: options.handleNewNode ?? (() => {}),
      handleNotTried: options.handleNotTried ?? (() => {}),
    });
  let cancelRefresh = () => {};
  const fileSome = () => {
    const isLeft = index.fileSome(FILED_AT_ONCE);
    cancelRefresh = isLeft
      ? timers.after(FILE_PAUSE_MS, fileSome)
      : timers.after(REFRESH_USUAL_MS, refresh);
  };
  const refresh = () => {
    index.refreshUsual();
    fileSome();
  };
  refresh();
  return {
    sessions,
    containers,
    index,
    broker,
    hosted,
    mover,
    line,
    history,
    guests,
    catalogue,
    builds,
    nodes,
    async close() {
      cancelRefresh();
      catalogue.close();
      nodes?.close();
      line.close();
      trials.close();
      containers.close();
      await history.close();
    },
  };
}

/** The container that has most left for a demand it could take, were it empty. */
function bestWhenEmpty(index: ContainerIndex, { request }: Wish): ContainerId | undefined {
  const { gameId, buildId, settings } = request;
  let best: { readonly containerId: ContainerId; readonly left: number } | undefined;
  for (const [candidate, { needs }] of index.offering(offerKey(gameId, buildId))) {
    if (candidate.state !== 'standby' && candidate.state !== 'busy') continue;
    const { pixelsPerSecond } = sessionNeeds(needs, settings);
    if (pixelsPerSecond > candidate.capacity.pixelsPerSecond) continue;
    const left = candidate.free.pixelsPerSecond / pixelsPerSecond;
    if (!best || left > best.left) best = { containerId: candidate.containerId, left };
  }
  return best?.containerId;
}
