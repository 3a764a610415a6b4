import type { Logger } from 'pino';
import { gameInfoOf } from '../../protocol/build-manifest.ts';
import type { Capacity } from '../../protocol/capacity.ts';
import type {
  AssignAnswer,
  AssignRequest,
  ConfirmRequest,
  ContainerLoad,
  ReserveRequest,
  ResumeRequest,
  RunningSession,
  TrialRequest,
} from '../../protocol/container-messages.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import type {
  GuestAnswer,
  GuestEnded,
  GuestOrder,
  GuestSignal,
} from '../../protocol/guest-messages.ts';
import type { GameId, SessionId } from '../../protocol/ids.ts';
import type { SessionEnded } from '../../protocol/player-messages.ts';
import { needsOn } from '../../protocol/session-needs.ts';
import type { SessionSignal } from '../../protocol/session-signal.ts';
import type { EndReason, SessionState } from '../../protocol/session-state.ts';
import type { ContainerConfig } from '../config.ts';
import type { StartOrder } from '../worker/worker-messages.ts';
import { prepareBuild } from './build-preparation.ts';
import type { HeldBuild, StudioBuilds } from './builds/studio-builds.ts';
import type { Capabilities } from './container-probe.ts';
import type { OfferedGame, OfferedGames } from './offered-games.ts';
import { PackageInstaller } from './package-installer.ts';
import type { RateMemory } from './rate-memory.ts';
import { HttpRemoteSaves } from './remote-saves.ts';
import { RunningGame, untilSaved } from './running-game.ts';
import { SaveExchange, type SessionSaves } from './save-exchange.ts';
import { SaveStore } from './save-store.ts';
import { SessionRoom } from './session-room.ts';
import { sweepSessions } from './session-sweep.ts';
import { SessionTrials } from './session-trials.ts';
import { portsOfSlot } from './slot-ports.ts';
import { startOrder } from './start-order.ts';
import { type SessionWorker, WorkerPool } from './worker-pool.ts';

/** What a session or a trial begins with. */
type Ordered = ResumeRequest & Pick<AssignRequest, 'build'>;

/** How long the end of a session waits for its last save to be with signaling. */
const BRING_LIMIT_MS = 2_000;

export interface GameSessionsOptions {
  readonly config: ContainerConfig;
  readonly capabilities: Capabilities;
  readonly offered: OfferedGames;
  readonly studioBuilds: StudioBuilds;
  readonly rates: RateMemory;
  readonly room: Omit<ConstructorParameters<typeof SessionRoom>[0], 'handleChange'>;
  readonly log: Logger;
  readonly listener: GameSessionsListener;
}

export interface GameSessionsListener {
  handleSignal(signal: SessionSignal): void;
  handleState(sessionId: SessionId, state: SessionState): void;
  handleEnded(ended: SessionEnded): void;
  handleGuestSignal(signal: GuestSignal): void;
  handleGuestEnded(ended: GuestEnded): void;
  /** There is more room, or less. */
  handleLoad(): void;
}

/** The sessions of one container: takes them in as far as there is room, and keeps a worker for each. */
export class GameSessions {
  readonly #options: GameSessionsOptions;
  readonly #log: Logger;
  readonly #pool: WorkerPool;
  readonly #saves: SaveExchange;
  readonly #packages: PackageInstaller;
  readonly #room: SessionRoom;
  readonly #trials: SessionTrials;
  /** Of sessions and trials of studios' games. */
  readonly #builds = new Map<SessionId, HeldBuild>();
  readonly #games = new Map<SessionId, RunningGame>();
  /** Ended sessions of which signaling is about to be told. */
  readonly #farewells = new Set<Promise<void>>();
  #draining = false;
  #handleIdle: (() => void) | undefined;

  constructor(options: GameSessionsOptions) {
    const { config, log, room, listener } = options;
    this.#options = options;
    this.#log = log;
    this.#pool = new WorkerPool(log, [...options.capabilities.autoResolutions.keys()]);
    this.#saves = new SaveExchange({
      store: new SaveStore(config.dataFolder, { log, nowMs: Date.now }),
      remote: new HttpRemoteSaves(config.signalingUrl),
      after: room.after,
      random: Math.random,
      log,
    });
    this.#packages = new PackageInstaller({ mayInstall: config.installPackages });
    this.#room = new SessionRoom({
      ...room,
      handleChange: () => {
        if (this.#room.isEmpty) this.#handleIdle?.();
        listener.handleLoad();
      },
    });
    this.#trials = new SessionTrials({
      pool: this.#pool,
      after: room.after,
      listener: {
        handleSignal: (signal) => listener.handleSignal(signal),
        handleOver: (sessionId, crashed) => {
          this.#release(sessionId);
          if (crashed) listener.handleEnded({ sessionId, reason: 'worker-crashed' });
        },
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
    return [...this.#games.values()].map((game) => {
      const buildId = this.#builds.get(game.sessionId)?.buildId;
      return { ...game.describe(), ...(buildId && { buildId }) };
    });
  }

  /** @throws RockpoolError `unknown-game`, `no-free-slot` */
  reserve(request: ReserveRequest): void {
    const { sessionId, settings, holdMs } = request;
    const { needs } = this.#mustOffer(request);
    this.#mustBeOpen();
    const { capacity } = this.#options.room;
    this.#room.reserve(sessionId, needsOn(capacity, needs, settings), holdMs);
  }

  /** @throws RockpoolError `unknown-game`, `no-free-slot` */
  async assign(request: AssignRequest): Promise<AssignAnswer> {
    const { sessionId, playerId, gameId } = request;
    const slot = this.#begin(request);
    let worker: SessionWorker | undefined;
    try {
      await untilSaved(this.#games.values(), playerId, gameId);
      this.#mustBeOpen();
      // A cold one starts while the save is fetched.
      worker = this.#pool.take();
      const { save, saves } = await this.#saves.begin(request);
      this.#mustBeOpen();
      this.#start(this.#startOrder(request, slot, save), worker, saves);
    } catch (error) {
      worker?.kill();
      this.#release(sessionId);
      throw error;
    }
    return { attempt: 0 };
  }

  /**
   * Offers the first connection of a session that may follow.
   * @throws RockpoolError `unknown-game`, `no-free-slot`
   */
  trial(request: TrialRequest): void {
    const { sessionId, holdMs } = request;
    const slot = this.#begin(request);
    try {
      this.#trials.begin(this.#startOrder(request, slot, undefined), holdMs);
    } catch (error) {
      this.#release(sessionId);
      throw error;
    }
  }

  /** Starts the game of a trial. @throws RockpoolError `unknown-session`, `no-free-slot` */
  async confirm(request: ConfirmRequest): Promise<AssignAnswer> {
    const { sessionId, playerId, gameId } = request;
    const order = this.#trials.keep(sessionId);
    try {
      this.#mustBeOpen();
      await untilSaved(this.#games.values(), playerId, gameId);
      const { save, saves } = await this.#saves.begin(request);
      this.#mustBeOpen();
      const worker = this.#trials.take(sessionId);
      this.#start({ ...order, ...(save && { save }) }, worker, saves);
    } catch (error) {
      await this.#trials.end(sessionId);
      throw error;
    }
    return { attempt: 0 };
  }

  /** SDP or ICE of a session, or of a trial. @throws RockpoolError `unknown-session` */
  handleSignal(signal: SessionSignal): void {
    if (!this.#trials.handleSignal(signal)) this.find(signal.sessionId).handleSignal(signal);
  }

  /** @throws RockpoolError `unknown-session`, `unauthorised` */
  resume(request: ResumeRequest): AssignAnswer {
    const { sessionId, playerId, settings, codecs, iceServers, relayOnly = false } = request;
    const game = this.find(sessionId);
    if (game.playerId !== playerId) {
      throw new RockpoolError('unauthorised', 'That session belongs to another player.');
    }
    return { attempt: game.reconnect({ settings, codecs, iceServers, relayOnly }) };
  }

  /**
   * Ends a session, or forgets a reservation or a trial. Resolves when what the player may go on from elsewhere is
   * there, or a little later. @throws RockpoolError `unknown-session`
   */
  async end(sessionId: SessionId): Promise<void> {
    if (this.#room.isReserved(sessionId)) {
      this.#room.release(sessionId);
      return;
    }
    if (this.#trials.has(sessionId)) return this.#trials.end(sessionId);
    const game = this.find(sessionId);
    await game.end('player-left');
    await this.#saves.untilBrought(game, BRING_LIMIT_MS);
  }

  /** @throws RockpoolError `unknown-session` */
  find(sessionId: SessionId): RunningGame {
    const game = this.#games.get(sessionId);
    if (!game) throw new RockpoolError('unknown-session', 'That session is over.');
    return game;
  }

  /** What concerns the guests of a session. @throws RockpoolError */
  askGuests({ sessionId, request }: GuestOrder): Promise<GuestAnswer> {
    const mayEncodeAnother = this.#room.canEncodeAnother(sessionId);
    return this.find(sessionId).askGuests(request, mayEncodeAnother);
  }

  /** Ends every session of a game. */
  async endGame(gameId: GameId, reason: EndReason): Promise<void> {
    const running = [...this.#games.values()].filter((game) => game.gameId === gameId);
    await Promise.all(running.map((game) => game.end(reason)));
  }

  /** For what is no session, and takes as much. @throws RockpoolError `no-free-slot` */
  takeRoom(id: SessionId, needs: Capacity): void {
    this.#mustBeOpen();
    this.#room.begin(id, needs);
    this.#options.studioBuilds.stopPrefetch();
  }

  releaseRoom(id: SessionId): void {
    this.#room.release(id);
  }

  /** One machine installs one thing at a time. */
  get packages(): PackageInstaller {
    return this.#packages;
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
  async close(reason: EndReason): Promise<void> {
    this.#draining = true;
    this.#options.listener.handleLoad();
    const games = [...this.#games.values()];
    await Promise.all([
      ...games.map((game) => game.end(reason)),
      this.#trials.close(),
      this.#pool.close(),
      this.#packages.close(),
    ]);
    this.#room.close();
    await Promise.all(this.#farewells);
    await Promise.all([this.#keepRates(), this.#saves.close()]);
  }

  /** Whether nobody plays here, or is about to. */
  get isIdle(): boolean {
    return this.#room.isEmpty && !this.#draining;
  }

  /** @returns the slot of a session, or of a trial. @throws RockpoolError */
  #begin(request: Ordered): number {
    const { sessionId, settings, build } = request;
    const { needs } = this.#mustOffer(request);
    this.#mustBeOpen();
    const { capacity } = this.#options.room;
    const slot = this.#room.begin(sessionId, needsOn(capacity, needs, settings));
    const { studioBuilds } = this.#options;
    if (build) this.#builds.set(sessionId, studioBuilds.hold(build));
    else studioBuilds.stopPrefetch();
    return slot;
  }

  #release(sessionId: SessionId): void {
    this.#builds.get(sessionId)?.release();
    this.#builds.delete(sessionId);
    this.#room.release(sessionId);
  }

  #mustOffer({ gameId, build }: Pick<AssignRequest, 'gameId' | 'build'>): OfferedGame {
    if (build) return this.#options.studioBuilds.offer(gameId, build);
    const offer = this.#options.offered.find(gameId);
    if (offer) return offer;
    throw new RockpoolError('unknown-game', `This container does not have "${gameId}".`);
  }

  #mustBeOpen(): void {
    if (!this.#draining) return;
    throw new RockpoolError('no-free-slot', 'This machine takes no new sessions: it is closing.');
  }

  #start(order: StartOrder, worker: SessionWorker, saves: SessionSaves): void {
    const { sessionId, playerId, gameId } = saves;
    const { listener, rates } = this.#options;
    const game = new RunningGame(order, playerId, worker, {
      handleSignal: (signal) => listener.handleSignal(signal),
      handleState: (id, state) => {
        this.#log.info({ sessionId: id, state }, 'session state');
        listener.handleState(id, state);
      },
      handleSave: (_owner, _game, bytes) => this.#saves.keep(saves, bytes),
      handleRate: (owner, rate) => rates.note(owner, rate),
      handleEncodings: (id, count) => this.#room.handleEncodings(id, count),
      handleGuestSignal: (signal) => listener.handleGuestSignal(signal),
      handleGuestEnded: (ended) => listener.handleGuestEnded(ended),
      handleWorkerDied: () => {
        if (order.build) sweepSessions(this.#log);
      },
      handleEnded: (id, reason, detail) => {
        this.#games.delete(id);
        this.#keepRates();
        this.#log.info({ sessionId: id, reason, detail }, 'session ended');
        this.#release(id);
        this.#bidFarewell(saves, { sessionId: id, reason, ...(detail ? { detail } : {}) });
      },
    });
    this.#games.set(sessionId, game);
    this.#log.info({ sessionId, gameId, workerPid: game.workerPid }, 'session assigned');
    // The player is connected meanwhile, and told what is being done.
    if (order.build && !order.prepared) this.#prepare(order.build, game);
  }

  /** Whoever hears of the end finds the save with signaling, where that is soon done. */
  async #bidFarewell(saves: SessionSaves, ended: SessionEnded): Promise<void> {
    const bidding = async () => {
      await this.#saves.untilBrought(saves, BRING_LIMIT_MS);
      this.#options.listener.handleEnded(ended);
    };
    const farewell = bidding();
    this.#farewells.add(farewell);
    await farewell;
    this.#farewells.delete(farewell);
  }

  #prepare({ folder, manifest }: NonNullable<StartOrder['build']>, game: RunningGame): void {
    const build = { folder, manifest, info: gameInfoOf(manifest) };
    prepareBuild(build, this.#packages, game, this.#builds.get(game.sessionId));
  }

  #startOrder(request: Ordered, slot: number, save: Uint8Array | undefined): StartOrder {
    const isThere = this.#builds.get(request.sessionId)?.isThere ?? true;
    return startOrder(this.#options, request, this.#mustOffer(request), { slot, save, isThere });
  }

  async #keepRates(): Promise<void> {
    try {
      await this.#options.rates.keep();
    } catch (error) {
      this.#log.warn({ err: error }, "the networks' rates could not be kept");
    }
  }
}
