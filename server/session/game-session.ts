import type { BrowserControl, CursorMessage } from '../../protocol/control-messages.ts';
import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import type { GuestAnswer, GuestRequest } from '../../protocol/guest-messages.ts';
import type { GuestId } from '../../protocol/ids.ts';
import type { SessionProgress } from '../../protocol/session-progress.ts';
import type { SessionSignal } from '../../protocol/session-signal.ts';
import {
  CONNECT_TIMEOUT_MS,
  type EndReason,
  INTERRUPTED_GRACE_MS,
  type SessionState,
  shortenDetail,
} from '../../protocol/session-state.ts';
import type { StreamSettings } from '../../protocol/stream-settings.ts';
import type { Clock, Scheduler } from '../../renderer/clock.ts';
import type { CatalogueEntry } from '../../renderer/game-catalogue.ts';
import type { GameRuntime, RuntimeOutput } from '../../renderer/game-runtime.ts';
import type { PeerState } from '../transport/peer.ts';
import type { ConnectOrder, NetworkRate, StartOrder } from '../worker/worker-messages.ts';
import { cursorMessage } from './cursor-message.ts';
import { GamePicture } from './game-picture.ts';
import { MachineStrain } from './machine-strain.ts';
import type { StreamSecond } from './resolution-governor.ts';
import { SessionGuests } from './session-guests.ts';
import { SessionSaves } from './session-saves.ts';
import { OWNER, SharedInputs } from './shared-inputs.ts';
import type {
  SharedStream,
  SharedStreamListener,
  StreamConnection,
  StreamConnectionListener,
  StreamShape,
} from './stream-connection.ts';

/** How often the stream is judged and its health told to the browser. */
const HEALTH_INTERVAL_MS = 1_000;

/** Where a session reports; `handleEnded` comes last and once. */
export interface SessionListener {
  handleSignal(attempt: number, payload: SessionSignal['payload']): void;
  handleState(state: SessionState): void;
  handleGuestSignal(guestId: GuestId, attempt: number, payload: SessionSignal['payload']): void;
  handleGuestGone(guestId: GuestId, reason: EndReason): void;
  /** In so many codecs the picture is encoded from now on. */
  handleEncodings(count: number): void;
  handleSave(save: Uint8Array): void;
  handleRate(rate: NetworkRate): void;
  /** Something of the game does not work, and it goes on. */
  handleTrouble(error: RockpoolError): void;
  /** The game could not say what to keep; what was kept before stays. */
  handleSaveFailed(error: unknown): void;
  /** Nothing more is played: the player is about to learn of it, a last save may follow. */
  handleEnding(): void;
  handleEnded(reason: EndReason, detail: string | undefined): void;
}

export interface SessionParts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly listener: SessionListener;
  /**
   * The way of picture and sound to all who see the game.
   * @param receivable what the player's browser decodes.
   */
  createStream(
    shape: StreamShape,
    receivable: ConnectOrder['codecs'],
    listener: SharedStreamListener,
  ): SharedStream;
}

/**
 * One play of one game by one player and their guests: owns the runtime and the stream for its whole
 * life, one connection of the player's at a time, and those of the guests beside it. The player's
 * decides: `connecting → streaming ⇄ interrupted → ended`.
 */
export class GameSession {
  readonly #order: StartOrder;
  readonly #entry: CatalogueEntry;
  readonly #parts: SessionParts;
  readonly #runtime: GameRuntime;
  readonly #picture: GamePicture;
  readonly #strain = new MachineStrain();
  readonly #inputs: SharedInputs;
  readonly #guests: SessionGuests;
  readonly #saves: SessionSaves;
  #state: SessionState = 'connecting';
  #stream: SharedStream | undefined;
  #connection: StreamConnection | undefined;
  #attempt = -1;
  #cursor: CursorMessage = { type: 'cursor', shape: 'default' };
  /** Gives up a connection that does not come (back). */
  #cancelDeadline: () => void = () => undefined;
  #cancelHealth: () => void = () => undefined;
  #ending: Promise<void> | undefined;
  #progress: SessionProgress | undefined;
  #resolvePrepared: () => void = () => undefined;
  readonly #prepared = new Promise<void>((resolve) => {
    this.#resolvePrepared = resolve;
  });

  constructor(order: StartOrder, entry: CatalogueEntry, parts: SessionParts) {
    this.#order = order;
    this.#entry = entry;
    this.#parts = parts;
    this.#runtime = entry.createRuntime(undefined, order.delays?.renderMs);
    this.#saves = new SessionSaves(this.#runtime, parts, order.save);
    this.#picture = new GamePicture({
      autoResolution: order.autoResolution,
      display: entry.display,
      settings: order.connect.settings,
    });
    this.#inputs = new SharedInputs((input, receivedUs) =>
      this.#runtime.handleInput(input, receivedUs),
    );
    this.#guests = new SessionGuests({
      game: entry.info,
      inputs: this.#inputs,
      scheduler: parts.scheduler,
      maxSpectators: order.maxSpectators,
      cursor: () => this.#cursor,
      isWaiting: () => this.#state === 'interrupted',
      connect: (viewer, listener) => {
        if (!this.#stream) throw new RockpoolError('unknown-session', 'The game has not begun.');
        return this.#stream.connect(viewer, listener);
      },
      listener: {
        handleSignal: (guestId, attempt, payload) =>
          parts.listener.handleGuestSignal(guestId, attempt, payload),
        handleSharing: (sharing) => this.#connection?.sendControl({ type: 'sharing', ...sharing }),
        handleGone: (guestId, reason) => parts.listener.handleGuestGone(guestId, reason),
      },
    });
  }

  /** Starts the game and offers the first connection, side by side. */
  async start(): Promise<void> {
    const { seed, save, connect } = this.#order;
    const output: RuntimeOutput = {
      handleFrame: (frame) => {
        if (this.#picture.handleFrame(frame)) this.#stream?.reshape(this.#picture.shape);
        if (this.#stream && this.#state === 'streaming') {
          this.#progress = undefined;
          this.#stream.handleFrame(frame);
        } else frame.release();
      },
      handleSound: (block) => {
        if (this.#state === 'streaming') this.#stream?.handleSound(block);
      },
      handleRumble: (rumble) => {
        this.#connection?.sendControl({ type: 'rumble', ...rumble });
        this.#guests.handleRumble(rumble);
      },
      handleCursor: (cursor) => {
        this.#cursor = cursorMessage(cursor);
        this.#connection?.sendControl(this.#cursor);
        this.#guests.handleCursor(this.#cursor);
      },
      handleTrouble: (error) => this.#parts.listener.handleTrouble(error),
      handleFailure: (error) => this.#fail(error),
      handleOver: () => this.end('game-over'),
    };
    this.connect(connect);
    this.#runtime.setSuspended(true);
    if (!this.#order.prepared) await this.#prepared;
    if (this.#ending) return;
    // What draws for Rockpool has its first picture ready before this could be read.
    if (this.#entry.display) {
      this.handleProgress({ step: 'starting', text: 'The game is loading.' });
    }
    try {
      await this.#runtime.start(
        {
          game: this.#entry.info,
          resolution: this.#picture.asked,
          frameRate: this.#picture.frameRate,
          seed,
          ...(save ? { save } : {}),
        },
        output,
      );
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#saves.start();
  }

  /** Why there is no picture yet: told to the player until there is. */
  handleProgress(progress: SessionProgress): void {
    this.#progress = progress;
    this.#tellProgress();
  }

  /** What the game needs is there: it starts. */
  handlePrepared(): void {
    this.#resolvePrepared();
  }

  /** Replaces the connection; the game waits meanwhile. */
  connect(order: ConnectOrder): void {
    if (this.#ending || order.attempt <= this.#attempt) return;
    this.#attempt = order.attempt;
    this.#connection?.close();
    if (this.#state === 'streaming') this.#interrupt();
    const listener: StreamConnectionListener = {
      handleState: (state) => {
        if (connection === this.#connection) this.#handlePeerState(state);
      },
      handleSignal: (payload) => this.#parts.listener.handleSignal(order.attempt, payload),
      handleInput: (input, receivedUs) => this.#inputs.handle(OWNER, input, receivedUs),
      handleControl: (message) => this.#handleControl(message),
      handleRate: (rate) => this.#parts.listener.handleRate(rate),
      handleControlOpen: () => this.#greet(order.attempt > 0),
      handleFailure: (error) => this.#fail(error),
    };
    if (order.attempt > 0) this.#applySettings(order.settings);
    let connection: StreamConnection;
    try {
      connection = this.#sharedStream(order).connect({ ...order, role: 'owner' }, listener);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#connection = connection;
    connection.open();
    if (this.#state === 'connecting') {
      this.#deadline(CONNECT_TIMEOUT_MS, 'connect-timeout');
    }
  }

  handleSignal(attempt: number, payload: SessionSignal['payload']): void {
    if (attempt !== this.#attempt || this.#ending) return;
    this.#connection?.handleSignal(payload);
  }

  /** @throws RockpoolError worded for whoever asked. */
  handleGuestRequest(request: GuestRequest, mayEncodeAnother: boolean): GuestAnswer {
    return this.#guests.handleRequest(request, mayEncodeAnother);
  }

  handleGuestSignal(guestId: GuestId, attempt: number, payload: SessionSignal['payload']): void {
    this.#guests.handleSignal(guestId, attempt, payload);
  }

  /** Saves, says good-bye and frees everything; safe to call again. */
  end(reason: EndReason, detail?: string): Promise<void> {
    this.#ending ??= this.#end(reason, detail);
    return this.#ending;
  }

  async #end(reason: EndReason, detail: string | undefined): Promise<void> {
    this.#cancelDeadline();
    this.#saves.stop();
    this.#cancelHealth();
    this.#resolvePrepared();
    this.#parts.listener.handleEnding();
    this.#connection?.sendControl({ type: 'bye', reason, ...(detail ? { detail } : {}) });
    const guests = this.#guests.close(guestReason(reason));
    await this.#saves.take(this.#runtime.finish());
    await Promise.all([this.#runtime.close(), this.#connection?.close(), guests]);
    await this.#stream?.close();
    this.#setState('ended');
    this.#parts.listener.handleEnded(reason, detail);
  }

  /** @throws RockpoolError `no-common-codec`. */
  #sharedStream({ codecs }: ConnectOrder): SharedStream {
    this.#stream ??= this.#parts.createStream(this.#picture.shape, codecs, {
      handlePictureWanted: () => this.#runtime.requestFrame(),
      handleFailure: (error) => this.#fail(error),
      handleEncodings: (count) => this.#parts.listener.handleEncodings(count),
    });
    return this.#stream;
  }

  #handlePeerState(state: PeerState): void {
    if (this.#ending) return;
    if (state === 'connected') {
      this.#cancelDeadline();
      this.#setState('streaming');
      this.#runtime.setSuspended(false);
      this.#connection?.requestKeyframe();
      this.#guests.handleWaiting();
      this.#healthLater();
    } else if (state !== 'connecting') {
      if (this.#state === 'streaming') this.#interrupt();
    }
  }

  /** Its player is gone: the game waits with everything of theirs released, for a while. */
  #interrupt(): void {
    this.#cancelHealth();
    this.#inputs.releaseAll(OWNER);
    this.#runtime.setSuspended(true);
    this.#setState('interrupted');
    this.#guests.handleWaiting();
    this.#deadline(INTERRUPTED_GRACE_MS, 'abandoned');
  }

  #deadline(delayMs: number, reason: EndReason): void {
    this.#cancelDeadline();
    this.#cancelDeadline = this.#parts.scheduler.after(delayMs, () => this.end(reason));
  }

  #fail(error: unknown): void {
    const { code, message } = toRockpoolError(error, 'game-failed');
    const reason = code === 'missing-package' ? code : 'game-failed';
    this.end(reason, shortenDetail(message));
  }

  #setState(state: SessionState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#parts.listener.handleState(state);
  }

  #greet(resumed: boolean): void {
    this.#connection?.sendHello(this.#entry.info, resumed);
    this.#connection?.sendControl(this.#cursor);
    if (!this.#strain.keepsUp) this.#tellMachine();
    this.#connection?.sendControl({ type: 'sharing', ...this.#guests.describe() });
    this.#tellProgress();
  }

  #tellProgress(): void {
    if (this.#progress) this.#connection?.sendControl({ type: 'progress', ...this.#progress });
  }

  #handleControl(message: BrowserControl): void {
    switch (message.type) {
      case 'hello':
        break;
      case 'keyframe':
        this.#connection?.requestKeyframe();
        break;
      case 'settings':
        this.#applySettings(message.settings);
        break;
      case 'bye':
        this.end('player-left');
        break;
    }
  }

  #applySettings(settings: StreamSettings): void {
    this.#picture.applySettings(settings);
    this.#reshape();
  }

  #reshape(): void {
    this.#stream?.reshape(this.#picture.shape);
    this.#reshapeGame();
  }

  #reshapeGame(): void {
    this.#runtime
      .reshape(this.#picture.asked, this.#picture.frameRate)
      .catch((error: unknown) => this.#fail(error));
  }

  #healthLater(): void {
    this.#cancelHealth();
    this.#cancelHealth = this.#parts.scheduler.after(HEALTH_INTERVAL_MS, () => {
      const cost = this.#connection?.reportHealth().cost;
      if (cost && this.#picture.handleSecond(cost)) this.#reshape();
      if (cost) this.#judgeMachine(cost);
      this.#guests.handleSecond();
      this.#tellProgress();
      this.#healthLater();
    });
  }

  #judgeMachine(second: StreamSecond): void {
    const { frameRate, canYield } = this.#picture;
    const drawsAlways = this.#entry.display === undefined;
    if (this.#strain.handleSecond(second, { frameRate, drawsAlways, canYield })) {
      this.#tellMachine();
    }
  }

  #tellMachine(): void {
    this.#connection?.sendControl({ type: 'machine', keepsUp: this.#strain.keepsUp });
  }
}

/** Why it is over for guests: who left is the player, not they. */
function guestReason(reason: EndReason): EndReason {
  return reason === 'player-left' || reason === 'abandoned' ? 'host-left' : reason;
}
