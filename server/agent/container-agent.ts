import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Capacity } from '../../protocol/capacity.ts';
import { LOAD_INTERVAL_MS } from '../../protocol/container-messages.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import type { GameId } from '../../protocol/ids.ts';
import type { SessionEnded } from '../../protocol/player-messages.ts';
import type { EndReason } from '../../protocol/session-state.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { Build } from '../../renderer/builds/build-folder.ts';
import { systemScheduler } from '../../renderer/clock.ts';
import { reportGl } from '../../renderer/desktop/gl-report.ts';
import { type ContainerConfig, isDelayed } from '../config.ts';
import { type OpenShelf, openShelf } from './builds/open-shelf.ts';
import { StudioBuilds } from './builds/studio-builds.ts';
import type { Container } from './container.ts';
import { ContainerIdentity } from './container-identity.ts';
import { type Capabilities, type Probe, startProbe } from './container-probe.ts';
import { CoverCache } from './cover-cache.ts';
import { GameSessions } from './game-sessions.ts';
import { readGpuMemory } from './gpu-memory.ts';
import type { LogRing } from './log-ring.ts';
import { machineCapacity, mostSessions, usualBuildNeeds } from './machine-capacity.ts';
import { OfferedGames } from './offered-games.ts';
import { RateMemory } from './rate-memory.ts';
import { sweepSessions } from './session-sweep.ts';
import { type CommandedParts, commandHandlers } from './signaling-commands.ts';
import { SignalingLink } from './signaling-link.ts';
import { slotsWithPorts } from './slot-ports.ts';
import { HttpTryOutDelivery } from './try-out-delivery.ts';
import { TryOuts } from './try-outs.ts';

/**
 * Measures the machine, warms a worker and joins the pool.
 * @param handleRefused called when signaling will not have this container (any more).
 * @param signal aborted when the container is not wanted any more though it is still starting.
 * @param recentLog what the log wrote last, for the console.
 */
export async function startContainer(
  config: ContainerConfig,
  log: Logger,
  handleRefused: (error: Error) => void,
  signal: AbortSignal,
  recentLog: LogRing,
): Promise<Container> {
  const identity = await ContainerIdentity.load(config.dataFolder);
  const rates = await RateMemory.open(config.dataFolder);
  const offered = await OfferedGames.read({ folders: config.games, builtIn: config.builtInGames });
  const agentLog = log.child({ containerId: identity.containerId });
  const agent = new ContainerAgent(
    config,
    identity,
    rates,
    offered,
    agentLog,
    recentLog,
    handleRefused,
  );
  await agent.start(signal);
  return agent;
}

interface Measured extends CommandedParts {
  readonly capabilities: Capabilities;
  readonly capacity: Capacity;
  readonly slots: number;
}

/** One machine of the pool: measured, joined, and at signaling's command. */
class ContainerAgent implements Container {
  readonly joined: Promise<void>;
  readonly #config: ContainerConfig;
  readonly #identity: ContainerIdentity;
  readonly #log: Logger;
  readonly #link: SignalingLink;
  readonly #coverCache: CoverCache;
  readonly #rates: RateMemory;
  readonly #offered: OfferedGames;
  readonly #covers = new Map<GameId, Uint8Array>();
  #probe: Probe | undefined;
  /** Undefined where no builds of studios are played here. */
  #studio: OpenShelf | undefined;
  #measured: Measured | undefined;
  #joined = false;
  /** Sessions that ended while signaling does not listen: it may have been told that they run. */
  readonly #endedMeanwhile: SessionEnded[] = [];
  #leaving = false;
  #heartbeat: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  #resolveJoined: () => void = () => undefined;

  constructor(
    config: ContainerConfig,
    identity: ContainerIdentity,
    rates: RateMemory,
    offered: OfferedGames,
    log: Logger,
    recentLog: LogRing,
    handleRefused: (error: Error) => void,
  ) {
    this.#config = config;
    this.#identity = identity;
    this.#log = log;
    this.#rates = rates;
    this.#offered = offered;
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
      commandHandlers({
        parts: () => this.#mustBeMeasured(),
        isLeaving: () => this.#leaving,
        drain: () => this.#drainSessions(),
        recentLog,
      }),
      {
        handleConnected: (socketId) => this.#join(socketId),
        handleDisconnected: (reason) => {
          this.#handleAway();
          if (this.#closing) return;
          this.#log.warn({ reason }, 'signaling lost; running games go on');
        },
        handleRefused: (error) => this.#handleRefused(error, handleRefused),
      },
    );
  }

  get advice(): readonly string[] {
    const { builtIn, advice, problems } = this.#offered;
    const gpuAdvice = builtIn.length > 0 ? this.#measured?.capabilities.gpuAdvice : undefined;
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
    const [capabilities, gl, gpuMemoryBytes, studio] = await Promise.all([
      this.#probe.capabilities,
      this.#reportGl(),
      readGpuMemory(),
      openShelf(this.#config, this.#log, () => this.#tellWarmBuilds()),
    ]);
    this.#studio = studio;
    if (studio && builds.length === 0) await sweepSessions(this.#log);
    this.#measured = this.#handleMeasured(capabilities, gpuMemoryBytes);
    const { encoders, gpu } = capabilities;
    const { slots, capacity } = this.#measured;
    this.#log.info(
      { encoders: encoders.map((e) => e.name), gpu: gpu.description, gl, slots, capacity },
      'this machine was measured',
    );
    const { delays } = this.#config;
    if (isDelayed(delays)) this.#log.warn(delays, 'every picture is delayed on purpose');
    this.#link.connect();
  }

  async replaceBuild(build: Build): Promise<void> {
    this.#offered.replace(build);
    await this.#measured?.sessions.endGame(build.info.id, 'build-changed');
  }

  consoleToken(): Promise<string> {
    return this.#identity.consoleToken(Date.now());
  }

  async drain(deadlineMs: number): Promise<void> {
    this.#leaving = true;
    if (!this.#measured) return;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deadlineMs);
    });
    await Promise.race([this.#drainSessions(), deadline]);
    clearTimeout(timer);
  }

  close(reason: EndReason = 'shutting-down'): Promise<void> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  async #close(reason: EndReason): Promise<void> {
    this.#leaving = true;
    await Promise.all([
      this.#measured?.tryOuts.endAll(),
      this.#measured?.sessions.close(reason),
      this.#probe?.close(),
    ]);
    await this.#studio?.shelf.close();
    this.#handleAway();
    this.#link.close();
  }

  /** @throws RockpoolError where the machine can run no session. */
  #handleMeasured(capabilities: Capabilities, gpuMemoryBytes: number | undefined): Measured {
    if (capabilities.encoders.length === 0) {
      throw new RockpoolError('encoder-failed', 'No video encoder works on this machine.');
    }
    const machine = { ...capabilities, gpuMemoryBytes };
    this.#offered.handleMeasured(machine);
    const { games } = this.#offered;
    const { slots: asked, udpPorts } = this.#config;
    // A machine without games of its own has room for those of studios all the same.
    const usual = this.#studio && [...games, { needs: usualBuildNeeds(machine) }];
    const capacity = machineCapacity(machine, usual ?? games, asked);
    const slots = asked ?? mostSessions(capacity, usual ?? games, slotsWithPorts(udpPorts));
    const studioBuilds = new StudioBuilds({
      shelf: this.#studio?.shelf,
      runtimes: this.#studio?.runtimes ?? [],
      machine: { capacity, gpu: capabilities.gpu },
      log: this.#log,
    });
    const sessions = new GameSessions({
      config: this.#config,
      capabilities,
      offered: this.#offered,
      studioBuilds,
      rates: this.#rates,
      room: {
        capacity,
        slots,
        availableMemoryBytes: () => process.availableMemory(),
        after: systemScheduler.after,
      },
      log: this.#log,
      listener: {
        handleSignal: (told) => this.#tell('signal', told),
        handleState: (sessionId, state) => this.#tell('session-state', { sessionId, state }),
        handleEnded: (ended) => this.#tellEnded(ended),
        handleGuestSignal: (told) => this.#tell('guest-signal', told),
        handleGuestEnded: (told) => this.#tell('guest-ended', told),
        handleLoad: () => this.#tellLoad(),
      },
    });
    const { allowNetwork: network, windowLimitMs } = this.#config;
    const tryOuts = new TryOuts({
      room: sessions,
      builds: studioBuilds,
      packages: sessions.packages,
      delivery: new HttpTryOutDelivery(this.#config.signalingUrl),
      encoders: capabilities.encoders,
      allowed: { network, windowLimitMs },
      log: this.#log,
      after: systemScheduler.after,
    });
    return { capabilities, capacity, slots, sessions, studioBuilds, tryOuts };
  }

  /** Games that are played come to their end; nobody waits for one that is only tried out. */
  #drainSessions(): Promise<unknown> {
    const { sessions, tryOuts } = this.#mustBeMeasured();
    return Promise.all([sessions.drain(), tryOuts.endAll()]);
  }

  /** @throws RockpoolError before the machine is measured: nothing is asked of it then. */
  #mustBeMeasured(): Measured {
    if (this.#measured) return this.#measured;
    throw new RockpoolError('no-free-slot', 'This machine is still being measured.');
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

  async #join(socketId: string): Promise<void> {
    if (!this.#measured) return;
    const { capabilities, capacity, slots, sessions, studioBuilds } = this.#measured;
    const builds = studioBuilds.describe();
    try {
      const statement = await this.#identity.sign({
        socketId,
        slots,
        capacity,
        pricePerHour: this.#config.pricePerHour,
        games: this.#offered.games,
        builds,
        encoders: [...capabilities.encoders],
        gpu: capabilities.gpu,
        sessions: sessions.describe(),
      });
      await this.#link.request('join', { statement });
      this.#joined = true;
      for (const ended of this.#endedMeanwhile.splice(0)) this.#tell('session-ended', ended);
      await this.#tellLoad();
      // Fetched while the statement was on its way.
      if (studioBuilds.describe().warm.join() !== builds.warm.join()) this.#tellWarmBuilds();
      clearInterval(this.#heartbeat);
      this.#heartbeat = setInterval(() => this.#tellLoad(), LOAD_INTERVAL_MS);
      for (const [gameId, webp] of this.#covers) this.#sendCover(gameId, webp);
      this.#log.info('joined the pool');
      this.#resolveJoined();
    } catch (error) {
      this.#log.error({ err: error }, 'joining failed');
    }
  }

  /** Nobody will give it another game; those that are played may come to their end. */
  async #handleRefused(error: RockpoolError, handleRefused: (error: Error) => void): Promise<void> {
    this.#log.error({ code: error.code }, error.message);
    await this.drain(this.#config.drainMs);
    handleRefused(error);
  }

  #handleAway(): void {
    this.#joined = false;
    clearInterval(this.#heartbeat);
  }

  async #tellLoad(): Promise<void> {
    if (this.#joined && this.#measured) await this.#tell('load', this.#measured.sessions.load);
  }

  #tellWarmBuilds(): void {
    const { shelf } = this.#studio ?? {};
    if (this.#joined && shelf) this.#tell('warm-builds', { warm: shelf.warm });
  }

  #tellEnded(ended: SessionEnded): void {
    if (this.#joined) this.#tell('session-ended', ended);
    else this.#endedMeanwhile.push(ended);
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
