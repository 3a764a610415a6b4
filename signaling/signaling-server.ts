import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { CONTAINER_NAMESPACE } from '../protocol/container-messages.ts';
import type { SessionId } from '../protocol/ids.ts';
import { OPERATOR_SECRET_FILE } from '../protocol/join-tokens.ts';
import { PLAYER_NAMESPACE } from '../protocol/player-messages.ts';
import { MEMORY_URL, type SignalingConfig } from './config.ts';
import { consoleRoutes } from './console-routes.ts';
import { serveContainers } from './container-gateway.ts';
import { type ControlPlane, createControlPlane } from './control-plane.ts';
import { CoverStore } from './cover-store.ts';
import { readOrCreateSecret } from './data-folder.ts';
import { FolderSaveVault } from './folder-save-vault.ts';
import { listGames } from './game-library.ts';
import { gamePageRoutes } from './game-page-routes.ts';
import { GamePages } from './game-pages.ts';
import { HistoryRetention } from './history-retention.ts';
import { createHttpApp } from './http-app.ts';
import { displayHost, listen, trackConnections } from './http-listening.ts';
import { IceOffer } from './ice-offer.ts';
import { IdentityTokens } from './identity-tokens.ts';
import { serveInvites } from './invite-routes.ts';
import { readJoinToken } from './join-token.ts';
import { JoinTokens } from './join-tokens.ts';
import { Metrics } from './metrics.ts';
import { nodeIdSchema } from './nodes/node-messages.ts';
import { type OpenBus, openBus } from './nodes/open-bus.ts';
import type { PoolBus } from './nodes/pool-bus.ts';
import type { PoolNodes } from './nodes/pool-nodes.ts';
import { operatorRoutes } from './operator-routes.ts';
import { servePlayers } from './player-gateway.ts';
import { servePool } from './pool-routes.ts';
import { RateLimits } from './rate-limits.ts';
import { SaveDesk } from './save-desk.ts';
import type { SaveVault } from './save-vault.ts';
import { openStore } from './store/open-store.ts';
import type { Store } from './store/store.ts';
import { createAccounts } from './studio/accounts/accounts.ts';
import { StudioEdge } from './studio/accounts/studio-edge.ts';
import { studioLink } from './studio/accounts/studio-link.ts';
import { openStudio, type Studio } from './studio/open-studio.ts';
import { BlobDesk } from './studio/releases/blob-desk.ts';
import { PreWarm } from './studio/releases/pre-warm.ts';
import { systemTimers, type Timers } from './timers.ts';
import { openSockets } from './web-sockets.ts';

/** What still hangs on after this long is cut off. */
const CLOSE_GRACE_MS = 1_000;

export interface SignalingServer {
  /** For a person on this machine. */
  readonly url: string;
  readonly port: number;
  /** What containers join with. */
  readonly joinToken: string;
  /** Lets the owner of the studio in, once; undefined where they can come in already. */
  readonly signInLink: string | undefined;
  /** Disconnects everyone and frees the port. May be called again. */
  close(): Promise<void>;
}

export interface SignalingOptions {
  readonly log: Logger;
  /** Folder of the built pages. */
  readonly clientFolder: string;
  readonly timers?: Timers;
  /** Epoch milliseconds. */
  readonly wallClockMs?: () => number;
  /** Takes the place of the one that the configuration names; closed with the server. */
  readonly store?: Store;
  /** Takes the place of the one that the configuration names; closed with the server. */
  readonly bus?: PoolBus;
  /** Ids of games that Rockpool brings: no studio gets one. */
  readonly builtInGames?: ReadonlySet<string>;
}

/**
 * Starts the control plane; resolves when it listens.
 * @throws RockpoolError `bad-configuration` where the address cannot be bound.
 */
export async function startSignaling(
  config: SignalingConfig,
  options: SignalingOptions,
): Promise<SignalingServer> {
  // First: it belongs to one process, and with it all else in the data folder.
  const store = options.store ?? (await openStore(config, options.log));
  let bus: OpenBus | undefined;
  try {
    bus = await busOf(config, options);
    return await startWith(store, bus, config, options);
  } catch (error) {
    await bus?.close();
    await store.close();
    throw error;
  }
}

async function busOf(
  { redisUrl }: SignalingConfig,
  { bus, log }: SignalingOptions,
): Promise<OpenBus | undefined> {
  if (bus) return { bus, redis: undefined, close: () => bus.close() };
  return redisUrl === undefined ? undefined : openBus(redisUrl, log);
}

/** @param store closed with the server, as is the bus to other nodes, where there is one. */
async function startWith(
  store: Store,
  open: OpenBus | undefined,
  config: SignalingConfig,
  options: SignalingOptions,
): Promise<SignalingServer> {
  const { log, clientFolder, timers = systemTimers, wallClockMs = Date.now } = options;
  const { builtInGames = new Set<string>() } = options;
  const tokens = await IdentityTokens.open(config.dataFolder, config.signingKey);
  const joinToken = await readJoinToken(config);
  const operatorSecret = await readOrCreateSecret(config.dataFolder, OPERATOR_SECRET_FILE);
  const covers = await CoverStore.open(config.dataFolder);
  const vault = await openVault(config, open !== undefined, { wallClockMs, log });
  const accounts = createAccounts({ store: store.studio, wallClockMs });
  const ownersCode = await accounts.codes.issueAtStart();

  const ice = new IceOffer({ ...config, wallClockMs });
  const metrics = new Metrics();
  const limits = new RateLimits(open?.redis);
  const plane: ControlPlane = createControlPlane({
    store,
    tokens,
    ice,
    timers,
    wallClockMs,
    log,
    handlePaired: (seconds) => metrics.observePairing(seconds),
    identity: open && {
      nodeId: nodeIdSchema.parse(randomUUID()),
      name: config.nodeName,
      bus: open.bus,
    },
    handleCover: (gameId, webp) => {
      covers
        .put(gameId, webp)
        .catch((err: unknown) => log.warn({ err, gameId }, 'a cover could not be kept'));
    },
    handleEnding: (ending, ended) => desk.handleEndingElsewhere(ending, ended),
    handleNotTried: ({ buildId, tryOutId, why }) =>
      studio.tryOuts.handleNotTried(buildId, tryOutId, why),
    handleNewNode: () => {
      tellCovers(covers, plane.nodes).catch((err: unknown) =>
        log.warn({ err }, 'covers could not be told'),
      );
    },
  });
  metrics.watch(plane);
  const { containers, broker, hosted, mover, line, history, guests } = plane;

  const consoleApi = consoleRoutes({ containers, sessions: plane.sessions, store, wallClockMs });
  const joinTokens = new JoinTokens({ store, configured: joinToken, timers, wallClockMs, log });
  const operatorApi = operatorRoutes({
    secret: operatorSecret,
    tokens: joinTokens,
    codes: accounts.codes,
    publicUrl: () => publicUrl(),
  });
  const pool = servePool({ plane, timers, wallClockMs });
  const listed = () => listGames(containers, covers, plane.catalogue, plane.index).games;
  const studio: Studio = await openStudio({
    store,
    accounts,
    edge: new StudioEdge({ accounts, limits, publicUrl: config.publicUrl }),
    limits,
    folder: join(config.dataFolder, 'studio'),
    blobPlace: config.blobs ?? { kind: 'folder', folder: join(config.dataFolder, 'blobs') },
    quotaBytes: config.studioQuotaBytes,
    isTaken: (gameId) => builtInGames.has(gameId) || listed().some(({ id }) => id === gameId),
    coverUrl: (gameId) => covers.url(gameId),
    alone: open === undefined,
    handleReleased: () => plane.catalogue.refresh(),
    playing: (gameId) =>
      [...plane.sessions.all()].filter((one) => one.gameId === gameId && !one.assigning).length,
    playingBuild: (buildId) =>
      [...plane.sessions.all()].filter((one) => one.buildId === buildId).length,
    machines: {
      containers,
      tokens,
      playersWait: () => line.tickets.lengthEverywhere > 0,
      isInCharge: () => plane.nodes?.isInCharge ?? true,
    },
    tellOthers: (claims, why) => plane.nodes?.tellNotTried({ ...claims, why }),
    timers,
    wallClockMs,
    log,
  }).catch(async (error: unknown) => {
    await plane.close();
    await vault.close?.();
    throw error;
  });
  const retention = new HistoryRetention({
    store,
    days: config.historyDays,
    timers,
    wallClockMs,
    log,
  });
  const recall = async (sessionId: SessionId) => {
    const record = await store.session(sessionId);
    if (!record) return undefined;
    const { containerId, endedAtMs } = record;
    return {
      containerId,
      overForMs: endedAtMs === undefined ? undefined : wallClockMs() - endedAtMs,
    };
  };
  const desk: SaveDesk = new SaveDesk({
    vault,
    sessions: plane.sessions,
    tokens,
    timers,
    ...(open && { recall }),
    tellEnding: (ending, ended) => plane.nodes?.tellEnding(ending, ended),
  });
  const blobDesk = new BlobDesk({
    catalogue: plane.catalogue,
    tokens,
    blobs: studio.blobs,
    isThere: (id) => containers.link(id) !== undefined || containers.isLost(id),
  });
  const preWarm = new PreWarm({
    store,
    containers,
    catalogue: plane.catalogue,
    builds: plane.builds,
    games: config.prewarm,
    timers,
    wallClockMs,
    log,
  });
  await plane.catalogue.open();
  preWarm.start();
  const http = createServer(
    createHttpApp({
      containers,
      nodes: plane.nodes,
      proxies: config.proxies,
      covers,
      metrics,
      limits,
      games: gamePageRoutes({
        pages: new GamePages({
          store: store.studio,
          listed,
          media: (gameId) => studio.media.public(gameId),
          timers,
          log,
        }),
        clientFolder,
        publicUrl: config.publicUrl,
      }),
      pool,
      invites: serveInvites(guests),
      consoleApi,
      operatorApi,
      saves: { desk, vault },
      blobs: blobDesk,
      studioApi: studio.routes,
      tryOuts: studio.tryOutRoutes,
      gameMedia: studio.gameMedia,
      clientFolder,
      log,
    }),
  );
  const connections = trackConnections(http);
  const io = openSockets(http, { config, limits, metrics, log });
  servePlayers(io.of(PLAYER_NAMESPACE), {
    broker,
    mover,
    line,
    history,
    guests,
    tokens,
    ice,
    limits,
    metrics,
    log,
    proxies: config.proxies,
  });
  serveContainers(io.of(CONTAINER_NAMESPACE), {
    hosted,
    history,
    guests,
    containers,
    covers,
    desk,
    joinTokens,
    limits,
    metrics,
    timers,
    log,
    nodes: plane.nodes,
    proxies: config.proxies,
  });

  const ownUrl = (): string =>
    `http://${displayHost(config.host)}:${(http.address() as AddressInfo).port}`;
  const publicUrl = (): string => config.publicUrl ?? ownUrl();

  const closeParts = async () => {
    preWarm.close();
    retention.close();
    joinTokens.close();
    desk.close();
    const planeClosed = plane.close();
    const cut = setTimeout(() => {
      for (const connection of connections) connection.destroy();
    }, CLOSE_GRACE_MS);
    // No disconnect packets: clients see a lost connection and come back after a restart.
    await io.close();
    clearTimeout(cut);
    await studio.close();
    await planeClosed;
    await vault.close?.();
  };
  try {
    await listen(http, config);
  } catch (error) {
    await closeParts();
    throw error;
  }
  const { port } = http.address() as AddressInfo;
  const url = ownUrl();
  log.info({ host: config.host, port }, 'signaling listens');
  studio.startTryOuts();
  studio.startClearing();

  const shutDown = async () => {
    await closeParts();
    await open?.close();
    log.info('signaling closed');
  };
  let closing: Promise<void> | undefined;
  return {
    url,
    port,
    joinToken,
    signInLink: ownersCode && studioLink(publicUrl(), ownersCode.code),
    close() {
      closing ??= shutDown();
      return closing;
    },
  };
}

/** Nodes that share a Postgres share the saves in it; one alone keeps them in its data folder. */
async function openVault(
  { databaseUrl, dataFolder }: SignalingConfig,
  isShared: boolean,
  { wallClockMs, log }: { readonly wallClockMs: () => number; readonly log: Logger },
): Promise<SaveVault> {
  if (!isShared || databaseUrl === undefined || databaseUrl === MEMORY_URL) {
    return FolderSaveVault.open(dataFolder, { wallClockMs });
  }
  const { PostgresSaveVault } = await import('./postgres-save-vault.ts');
  return new PostgresSaveVault({ url: databaseUrl, wallClockMs, log });
}

async function tellCovers(covers: CoverStore, nodes: PoolNodes | undefined): Promise<void> {
  for await (const [gameId, webp] of covers.all()) nodes?.tellCover(gameId, webp);
}
