import { randomInt } from 'node:crypto';
import type { Logger } from 'pino';
import type {
  AssignAnswer,
  AssignRequest,
  ContainerLoad,
  ReserveRequest,
  RunningSession,
} from '../../protocol/container-messages.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import type { GameId, SessionId } from '../../protocol/ids.ts';
import type { SessionEnded } from '../../protocol/player-messages.ts';
import { needsOn } from '../../protocol/session-needs.ts';
import type { SessionSignal } from '../../protocol/session-signal.ts';
import type { EndReason, SessionState } from '../../protocol/session-state.ts';
import type { ContainerConfig } from '../config.ts';
import type { StartOrder } from '../worker/worker-messages.ts';
import { prepareBuild } from './build-preparation.ts';
import type { Capabilities } from './container-probe.ts';
import type { OfferedGames } from './offered-games.ts';
import { PackageInstaller } from './package-installer.ts';
import type { RateMemory } from './rate-memory.ts';
import { RunningGame, untilSaved } from './running-game.ts';
import { SaveStore } from './save-store.ts';
import { SessionRoom } from './session-room.ts';
import { sweepSessions } from './session-sweep.ts';
import { portsOfSlot } from './slot-ports.ts';
import { WorkerPool } from './worker-pool.ts';

export interface GameSessionsOptions {
  readonly config: ContainerConfig;
  readonly capabilities: Capabilities;
  readonly offered: OfferedGames;
  readonly rates: RateMemory;
  readonly room: Omit<ConstructorParameters<typeof SessionRoom>[0], 'handleChange'>;
  readonly log: Logger;
  readonly listener: GameSessionsListener;
}

export interface GameSessionsListener {
  handleSignal(signal: SessionSignal): void;
  handleState(sessionId: SessionId, state: SessionState): void;
  handleEnded(ended: SessionEnded): void;
  /** There is more room, or less. */
  handleLoad(): void;
}

/** The sessions of one container: takes them in as far as there is room, and keeps a worker for each. */
export class GameSessions {
  readonly #options: GameSessionsOptions;
  readonly #log: Logger;
  readonly #pool: WorkerPool;
  readonly #saves: SaveStore;
  readonly #packages: PackageInstaller;
  readonly #room: SessionRoom;
  readonly #games = new Map<SessionId, RunningGame>();
  #draining = false;
  #handleIdle: (() => void) | undefined;

  constructor(options: GameSessionsOptions) {
    const { config, log, room, listener } = options;
    this.#options = options;
    this.#log = log;
    this.#pool = new WorkerPool(log);
    this.#saves = new SaveStore(config.dataFolder, { log, nowMs: Date.now });
    this.#packages = new PackageInstaller({ mayInstall: config.installPackages });
    this.#room = new SessionRoom({
      ...room,
      handleChange: () => {
        if (this.#room.isEmpty) this.#handleIdle?.();
        listener.handleLoad();
      },
    });
    // Too few are an error of the configuration, not of whoever plays first.
    portsOfSlot(config.udpPorts, room.slots, 0);
    this.#pool.refill();
  }

  get load(): ContainerLoad {
    const { free, freeSlots } = this.#room;
    const state = this.#draining ? 'draining' : freeSlots > 0 ? 'standby' : 'busy';
    return { state, freeSlots, free };
  }

  describe(): RunningSession[] {
    return [...this.#games.values()].map((game) => game.describe());
  }

  /** @throws RockpoolError `unknown-game`, `no-free-slot` */
  reserve({ sessionId, gameId, settings, holdMs }: ReserveRequest): void {
    const { needs } = this.#mustOffer(gameId);
    this.#mustBeOpen();
    const { capacity } = this.#options.room;
    this.#room.reserve(sessionId, needsOn(capacity, needs, settings), holdMs);
  }

  /** @throws RockpoolError `unknown-game`, `no-free-slot` */
  async assign(request: AssignRequest): Promise<AssignAnswer> {
    const { sessionId, playerId, gameId, settings } = request;
    const { needs } = this.#mustOffer(gameId);
    this.#mustBeOpen();
    const { capacity } = this.#options.room;
    const slot = this.#room.begin(sessionId, needsOn(capacity, needs, settings));
    try {
      await untilSaved(this.#games.values(), playerId, gameId);
      const save = await this.#saves.read(playerId, gameId);
      this.#mustBeOpen();
      this.#start(request, slot, save);
    } catch (error) {
      this.#room.release(sessionId);
      throw error;
    }
    return { attempt: 0 };
  }

  /** @throws RockpoolError `unknown-session`, `unauthorised` */
  resume({ sessionId, playerId, settings, codecs, iceServers }: AssignRequest): AssignAnswer {
    const game = this.find(sessionId);
    if (game.playerId !== playerId) {
      throw new RockpoolError('unauthorised', 'That session belongs to another player.');
    }
    return { attempt: game.reconnect({ settings, codecs, iceServers }) };
  }

  /** Ends a session, or forgets a reservation. @throws RockpoolError `unknown-session` */
  async end(sessionId: SessionId): Promise<void> {
    if (this.#room.isReserved(sessionId)) this.#room.release(sessionId);
    else await this.find(sessionId).end('player-left');
  }

  /** @throws RockpoolError `unknown-session` */
  find(sessionId: SessionId): RunningGame {
    const game = this.#games.get(sessionId);
    if (!game) throw new RockpoolError('unknown-session', 'That session is over.');
    return game;
  }

  /** Ends every session of a game. */
  async endGame(gameId: GameId, reason: EndReason): Promise<void> {
    const running = [...this.#games.values()].filter((game) => game.gameId === gameId);
    await Promise.all(running.map((game) => game.end(reason)));
  }

  /** Takes no new session from now on. Resolves when the last one is over. */
  async drain(): Promise<void> {
    if (!this.#draining) {
      this.#draining = true;
      this.#options.listener.handleLoad();
    }
    if (this.#room.isEmpty) return;
    await new Promise<void>((resolve) => {
      this.#handleIdle = resolve;
    });
  }

  /** Takes sessions again. */
  reopen(): void {
    this.#draining = false;
    this.#options.listener.handleLoad();
  }

  /** Ends every session. */
  async close(): Promise<void> {
    this.#draining = true;
    this.#options.listener.handleLoad();
    const games = [...this.#games.values()];
    await Promise.all([
      ...games.map((game) => game.end('shutting-down')),
      this.#pool.close(),
      this.#packages.close(),
    ]);
    this.#room.close();
    await Promise.all([this.#keepRates(), this.#saves.close()]);
  }

  #mustOffer(gameId: GameId) {
    const offer = this.#options.offered.find(gameId);
    if (offer) return offer;
    throw new RockpoolError('unknown-game', `This container does not have "${gameId}".`);
  }

  #mustBeOpen(): void {
    if (!this.#draining) return;
    throw new RockpoolError('no-free-slot', 'This machine takes no new sessions: it is closing.');
  }

  #start(request: AssignRequest, slot: number, save: Uint8Array | undefined): void {
    const { sessionId, playerId, gameId } = request;
    const { build } = this.#mustOffer(gameId);
    const order = this.#startOrder(request, slot, save);
    const { listener, rates } = this.#options;
    const game = new RunningGame(order, playerId, this.#pool.take(), {
      handleSignal: (signal) => listener.handleSignal(signal),
      handleState: (id, state) => {
        this.#log.info({ sessionId: id, state }, 'session state');
        listener.handleState(id, state);
      },
      handleSave: (owner, savedGame, bytes) => {
        this.#saves.write(owner, savedGame, sessionId, bytes).catch((error: unknown) => {
          this.#log.error({ err: error, sessionId }, 'a save could not be written');
        });
      },
      handleRate: (owner, rate) => rates.note(owner, rate),
      handleWorkerDied: () => {
        if (build) sweepSessions(this.#log);
      },
      handleEnded: (id, reason, detail) => {
        this.#games.delete(id);
        this.#keepRates();
        this.#log.info({ sessionId: id, reason, detail }, 'session ended');
        listener.handleEnded({ sessionId: id, reason, ...(detail ? { detail } : {}) });
        this.#room.release(id);
      },
    });
    this.#games.set(sessionId, game);
    this.#log.info({ sessionId, gameId, workerPid: game.workerPid }, 'session assigned');
    // The player is connected meanwhile, and told what is being done.
    if (build && !order.prepared) prepareBuild(build, this.#packages, game);
  }

  #startOrder(request: AssignRequest, slot: number, save: Uint8Array | undefined): StartOrder {
    const { sessionId, playerId, gameId, settings, codecs, iceServers } = request;
    const { config, capabilities, room, rates } = this.#options;
    const { build, autoResolution } = this.#mustOffer(gameId);
    const portRange = portsOfSlot(config.udpPorts, room.slots, slot);
    return {
      type: 'start',
      sessionId,
      gameId,
      ...(build && {
        build: {
          folder: build.folder,
          manifest: build.manifest,
          allowed: { network: config.allowNetwork },
        },
      }),
      seed: randomInt(0x1_0000_0000),
      ...(save && { save }),
      encoders: [...capabilities.encoders],
      autoResolution: { ...autoResolution },
      loopbackOnly: config.loopbackOnly ?? false,
      extraAddresses: [...config.publicAddresses],
      ...(portRange && { portRange }),
      knownRates: [...rates.ratesOf(playerId)],
      playoutDelayMs: [...config.playoutDelayMs],
      prepared: !build || build.manifest.packages.length === 0,
      connect: { type: 'connect', attempt: 0, settings, codecs, iceServers },
    };
  }

  async #keepRates(): Promise<void> {
    try {
      await this.#options.rates.keep();
    } catch (error) {
      this.#log.warn({ err: error }, "the networks' rates could not be kept");
    }
  }
}
