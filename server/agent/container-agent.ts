import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { AssignAnswer, AssignRequest } from '../../protocol/container-messages.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import type { GameId, SessionId } from '../../protocol/ids.ts';
import { DEFAULT_FRAME_RATE, DEFAULT_RESOLUTION } from '../../protocol/stream-settings.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { Build } from '../../renderer/builds/build-folder.ts';
import { reportGl } from '../../renderer/desktop/gl-report.ts';
import type { ContainerConfig } from '../config.ts';
import type { StartOrder } from '../worker/worker-messages.ts';
import { prepareBuild } from './build-preparation.ts';
import { ContainerIdentity } from './container-identity.ts';
import { type Capabilities, type Probe, startProbe } from './container-probe.ts';
import { CoverCache } from './cover-cache.ts';
import { OfferedGames } from './offered-games.ts';
import { PackageInstaller } from './package-installer.ts';
import { RateMemory } from './rate-memory.ts';
import { RunningGame, untilSaved } from './running-game.ts';
import { SaveStore } from './save-store.ts';
import { sweepSessions } from './session-sweep.ts';
import { SignalingLink } from './signaling-link.ts';
import { portsOfSlot } from './slot-ports.ts';
import { WorkerPool } from './worker-pool.ts';

/** Encoders may take this share of the machine; the rest is for the games. */
const ENCODER_SHARE = 0.5;

export interface Container {
  /** Resolves when signaling has taken this container in for the first time. */
  readonly joined: Promise<void>;
  /** Why some games are not offered and what to do about it, each; none where nothing is missing. */
  readonly advice: readonly string[];
  /**
   * Offers another state of an offered build: its sessions end with `build-changed`. Resolves when
   * they have. What the library says of it stays until the container joins again.
   */
  replaceBuild(build: Build): Promise<void>;
  /** Ends every session and leaves. */
  close(): Promise<void>;
}

/**
 * Measures the machine, warms a worker and joins the pool.
 * @param handleRefused called when signaling will not have this container (any more).
 * @param signal aborted when the container is not wanted any more though it is still starting.
 */
export async function startContainer(
  config: ContainerConfig,
  log: Logger,
  handleRefused: (error: Error) => void,
  signal: AbortSignal,
): Promise<Container> {
  const identity = await ContainerIdentity.load(config.dataFolder);
  const rates = await RateMemory.open(config.dataFolder);
  const offered = await OfferedGames.read({ folders: config.games, builtIn: config.builtInGames });
  const agentLog = log.child({ containerId: identity.containerId });
  const agent = new ContainerAgent(config, identity, rates, offered, agentLog, handleRefused);
  await agent.start(signal);
  return agent;
}

/** One machine of the pool: takes assignments from signaling and keeps a worker for each. */
class ContainerAgent implements Container {
  readonly joined: Promise<void>;
  readonly #config: ContainerConfig;
  readonly #identity: ContainerIdentity;
  readonly #log: Logger;
  readonly #pool: WorkerPool;
  readonly #link: SignalingLink;
  readonly #saves: SaveStore;
  readonly #coverCache: CoverCache;
  readonly #rates: RateMemory;
  readonly #offered: OfferedGames;
  readonly #packages: PackageInstaller;
  readonly #covers = new Map<GameId, Uint8Array>();
  readonly #games = new Map<SessionId, RunningGame>();
  /** Sessions being set up: they hold a slot before they have a worker. */
  #starting = 0;
  #probe: Probe | undefined;
  #capabilities: Capabilities | undefined;
  #joined = false;
  #closing: Promise<void> | undefined;
  #resolveJoined: () => void = () => undefined;

  constructor(
    config: ContainerConfig,
    identity: ContainerIdentity,
    rates: RateMemory,
    offered: OfferedGames,
    log: Logger,
    handleRefused: (error: Error) => void,
  ) {
    this.#config = config;
    this.#identity = identity;
    this.#log = log;
    this.#rates = rates;
    this.#offered = offered;
    this.#packages = new PackageInstaller({ mayInstall: config.installPackages });
    this.#pool = new WorkerPool(log);
    this.#saves = new SaveStore(config.dataFolder, { log, nowMs: Date.now });
    this.#coverCache = new CoverCache(config.dataFolder, `protocol-${PROTOCOL_VERSION}`);
    this.joined = new Promise((resolve) => {
      this.#resolveJoined = resolve;
    });
    this.#link = new SignalingLink(
      config.signalingUrl,
      {
        protocol: PROTOCOL_VERSION,
        joinToken: config.joinToken ?? '',
        publicKey: identity.publicKey,
        name: config.name,
        region: config.region,
      },
      {
        assign: (request) => this.#assign(request),
        resume: (request) => this.#resume(request),
        end: async ({ sessionId }) => {
          await this.#find(sessionId).end('player-left');
          return {};
        },
        signal: (signal) => {
          this.#find(signal.sessionId).handleSignal(signal);
          return {};
        },
        echo: () => ({}),
      },
      {
        handleConnected: (socketId) => this.#join(socketId),
        handleDisconnected: (reason) => {
          this.#joined = false;
          if (this.#closing) return;
          this.#log.warn({ reason }, 'signaling lost; running games go on');
        },
        handleRefused: (error) => {
          this.#log.error({ code: error.code }, error.message);
          handleRefused(error);
        },
      },
    );
  }

  get advice(): readonly string[] {
    const { builtIn, advice, problems } = this.#offered;
    const gpuAdvice = builtIn.length > 0 ? this.#capabilities?.gpuAdvice : undefined;
    const all = [gpuAdvice, advice, ...problems.map(({ message }) => message)];
    return all.filter((one) => one !== undefined);
  }

  async start(signal: AbortSignal): Promise<void> {
    const { builtIn, builds, problems } = this.#offered;
    for (const error of problems) this.#log.warn({ code: error.code }, error.message);
    // A container before this one may have been killed with its sessions.
    if (builds.length > 0) await sweepSessions(this.#log);
    const missing: GameId[] = [];
    for (const gameId of builtIn) {
      const known = await this.#coverCache.read(gameId);
      if (known) this.#covers.set(gameId, known);
      else missing.push(gameId);
    }
    this.#probe = startProbe({
      encoders: this.#config.encoders && [...this.#config.encoders],
      games: [...builtIn],
      covers: missing,
      coverFiles: builds.flatMap(({ folder, info, manifest: { cover } }) =>
        cover === undefined ? [] : [{ gameId: info.id, path: join(folder, cover) }],
      ),
      handleCover: (gameId, webp) => this.#handleCover(gameId, webp),
      signal,
    });
    const [capabilities, gl] = await Promise.all([this.#probe.capabilities, this.#reportGl()]);
    this.#capabilities = capabilities;
    this.#offered.handleMeasured(this.#capabilities.autoResolutions);
    // Too few are an error of the configuration, not of whoever plays first.
    portsOfSlot(this.#config.udpPorts, this.#slots, 0);
    const { encoders, gpu } = this.#capabilities;
    if (encoders.length === 0) {
      throw new RockpoolError('encoder-failed', 'No video encoder works on this machine.');
    }
    this.#log.info(
      { encoders: encoders.map((e) => e.name), gpu: gpu.description, gl, slots: this.#slots },
      'this machine was measured',
    );
    this.#pool.refill();
    this.#link.connect();
  }

  async replaceBuild(build: Build): Promise<void> {
    this.#offered.replace(build);
    const running = [...this.#games.values()].filter(({ gameId }) => gameId === build.info.id);
    await Promise.all(running.map((game) => game.end('build-changed')));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const games = [...this.#games.values()];
    await Promise.all([
      ...games.map((game) => game.end('shutting-down')),
      this.#pool.close(),
      this.#packages.close(),
      this.#probe?.close(),
    ]);
    await Promise.all([this.#keepRates(), this.#saves.close()]);
    this.#link.close();
  }

  /** Undefined where no build is offered, or none would start. */
  async #reportGl(): Promise<string | undefined> {
    if (this.#offered.builds.length === 0) return undefined;
    try {
      return (await reportGl()).renderer;
    } catch (error) {
      this.#log.warn({ err: error }, 'no display could be opened: builds will not start');
      return undefined;
    }
  }

  async #keepRates(): Promise<void> {
    try {
      await this.#rates.keep();
    } catch (error) {
      this.#log.warn({ err: error }, "the networks' rates could not be kept");
    }
  }

  get #slots(): number {
    if (this.#config.slots !== undefined) return this.#config.slots;
    const fastest = Math.max(
      0,
      ...(this.#capabilities?.encoders ?? []).map((e) => e.pixelsPerSecond),
    );
    const perSession = DEFAULT_RESOLUTION.width * DEFAULT_RESOLUTION.height * DEFAULT_FRAME_RATE;
    return Math.max(1, Math.floor((fastest * ENCODER_SHARE) / perSession));
  }

  get #freeSlots(): number {
    return Math.max(0, this.#slots - this.#games.size - this.#starting);
  }

  async #join(socketId: string): Promise<void> {
    const capabilities = this.#capabilities;
    if (!capabilities) return;
    try {
      const statement = await this.#identity.sign({
        socketId,
        slots: this.#slots,
        games: this.#offered.infos,
        encoders: [...capabilities.encoders],
        gpu: capabilities.gpu,
        sessions: [...this.#games.values()].map((game) => game.describe()),
      });
      await this.#link.request('join', { statement });
      this.#joined = true;
      await this.#tellLoad();
      for (const [gameId, webp] of this.#covers) this.#sendCover(gameId, webp);
      this.#log.info('joined the pool');
      this.#resolveJoined();
    } catch (error) {
      this.#log.error({ err: error }, 'joining failed');
    }
  }

  async #tellLoad(): Promise<void> {
    if (!this.#joined) return;
    const freeSlots = this.#freeSlots;
    const state = this.#closing ? 'draining' : freeSlots > 0 ? 'standby' : 'busy';
    await this.#tell('load', { state, freeSlots });
  }

  /** For news that a re-join tells again: a lost one is only logged. */
  async #tell(...[name, payload]: Parameters<SignalingLink['request']>): Promise<void> {
    if (!this.#link.connected) return;
    try {
      await this.#link.request(name, payload);
    } catch (error) {
      this.#log.warn({ err: error, message: name }, 'signaling did not take a message');
    }
  }

  async #assign(request: AssignRequest): Promise<AssignAnswer> {
    const capabilities = this.#capabilities;
    const offer = this.#offered.find(request.gameId);
    if (!capabilities || !offer) {
      throw new RockpoolError('unknown-game', `This container does not have "${request.gameId}".`);
    }
    if (this.#closing || this.#freeSlots === 0 || this.#games.has(request.sessionId)) {
      throw new RockpoolError('no-free-slot', 'Every slot of this container is taken.');
    }
    this.#starting++;
    let save: Uint8Array | undefined;
    try {
      await untilSaved(this.#games.values(), request.playerId, request.gameId);
      save = await this.#saves.read(request.playerId, request.gameId);
    } finally {
      this.#starting--;
    }
    const { sessionId, gameId, settings, codecs, iceServers } = request;
    const slot = this.#freeSlot();
    const portRange = portsOfSlot(this.#config.udpPorts, this.#slots, slot);
    const { build, autoResolution } = offer;
    const order: StartOrder = {
      type: 'start',
      sessionId,
      gameId,
      ...(build ? { build: this.#buildOrder(build) } : {}),
      seed: randomInt(0x1_0000_0000),
      ...(save ? { save } : {}),
      encoders: [...capabilities.encoders],
      autoResolution: { ...autoResolution },
      loopbackOnly: this.#config.loopbackOnly ?? false,
      extraAddresses: [...this.#config.publicAddresses],
      ...(portRange ? { portRange } : {}),
      knownRates: [...this.#rates.ratesOf(request.playerId)],
      playoutDelayMs: [...this.#config.playoutDelayMs],
      prepared: !build || build.manifest.packages.length === 0,
      connect: { type: 'connect', attempt: 0, settings, codecs, iceServers },
    };
    const game = new RunningGame(order, request.playerId, slot, this.#pool.take(), {
      handleSignal: (signal) => this.#tell('signal', signal),
      handleState: (id, state) => {
        this.#log.info({ sessionId: id, state }, 'session state');
        this.#tell('session-state', { sessionId: id, state });
      },
      handleSave: (playerId, savedGame, bytes) => {
        this.#saves.write(playerId, savedGame, sessionId, bytes).catch((error: unknown) => {
          this.#log.error({ err: error, sessionId }, 'a save could not be written');
        });
      },
      handleRate: (playerId, rate) => this.#rates.note(playerId, rate),
      handleWorkerDied: () => {
        if (build) sweepSessions(this.#log);
      },
      handleEnded: (id, reason, detail) => {
        this.#games.delete(id);
        this.#keepRates();
        this.#log.info({ sessionId: id, reason, detail }, 'session ended');
        this.#tell('session-ended', { sessionId: id, reason, ...(detail ? { detail } : {}) });
        this.#tellLoad();
      },
    });
    this.#games.set(sessionId, game);
    this.#log.info({ sessionId, gameId, workerPid: game.workerPid }, 'session assigned');
    this.#tellLoad();
    // The player is connected meanwhile, and told what is being done.
    if (build && !order.prepared) prepareBuild(build, this.#packages, game);
    return { attempt: 0 };
  }

  #buildOrder({ folder, manifest }: Build): NonNullable<StartOrder['build']> {
    return { folder, manifest, allowed: { network: this.#config.allowNetwork } };
  }

  #freeSlot(): number {
    const taken = new Set([...this.#games.values()].map((game) => game.slot));
    let slot = 0;
    while (taken.has(slot)) slot++;
    return slot;
  }

  #resume(request: AssignRequest): AssignAnswer {
    const { settings, codecs, iceServers } = request;
    const game = this.#find(request.sessionId);
    if (game.playerId !== request.playerId) {
      throw new RockpoolError('unauthorised', 'That session belongs to another player.');
    }
    return { attempt: game.reconnect({ settings, codecs, iceServers }) };
  }

  #find(sessionId: SessionId): RunningGame {
    const game = this.#games.get(sessionId);
    if (!game) throw new RockpoolError('unknown-session', 'That session is over.');
    return game;
  }

  #handleCover(gameId: GameId, webp: Uint8Array): void {
    this.#covers.set(gameId, webp);
    if (this.#joined) this.#sendCover(gameId, webp);
    // A build's own picture may be another the next time.
    if (!this.#offered.builtIn.includes(gameId)) return;
    this.#coverCache.write(gameId, webp).catch((error: unknown) => {
      this.#log.warn({ err: error, gameId }, 'a cover could not be kept');
    });
  }

  #sendCover(gameId: GameId, webp: Uint8Array): void {
    this.#tell('cover', { gameId, webp });
  }
}
