import type { ChannelLabel } from '../../protocol/channels.ts';
import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import { type GuestId, guestIdSchema, sessionIdSchema } from '../../protocol/ids.ts';
import {
  CONNECT_TIMEOUT_MS,
  type EndReason,
  INTERRUPTED_GRACE_MS,
} from '../../protocol/session-state.ts';
import { BackOff } from './back-off.ts';
import { GameConnection } from './connection/game-connection.ts';
import { SIGNALING_TIMEOUT_MS, SignalingConnection } from './connection/signaling-connection.ts';
import { Deadline } from './deadline.ts';
import type { Ice } from './media/player-peer.ts';
import type { PlayFlow } from './play-flow.ts';
import { guestProblemOf } from './player-problem.ts';
import type { PlayerProblem, PlayerState } from './player-snapshot.ts';
import type { SessionFlowOptions } from './session-flow-options.ts';

/** The page is going: no more than this is waited for the server to hear of it. */
const LEAVE_TIMEOUT_MS = 2000;

export interface GuestFlowOptions
  extends Omit<SessionFlowOptions, 'gameId' | 'settings' | 'quality' | 'resume' | 'paths'> {
  /** Of the link. */
  readonly invite: string;
}

/**
 * A visit to somebody's game, from the link to its end. A lost connection is replaced by coming in
 * again: whoever has come by a link before is let in as the same guest, as long as it is open.
 */
export class GuestFlow implements PlayFlow {
  readonly #options: GuestFlowOptions;
  readonly #signaling: SignalingConnection;
  readonly #game: GameConnection;
  readonly #retry: BackOff;
  readonly #stopWatching: () => void;
  /** Of signaling's answer, then of the picture. */
  readonly #deadline: Deadline;
  /** Of an interruption. */
  readonly #grace: Deadline;
  #state: PlayerState = { name: 'connecting', step: 'signaling' };
  #ice: Ice = { iceServers: [] };
  #guestId: GuestId | undefined;
  /** Signaling relays the visit to this socket. */
  #attached = false;
  #requesting = false;
  #closed = false;

  constructor(options: GuestFlowOptions) {
    this.#options = options;
    const { scheduler, random, listener } = options;
    this.#retry = new BackOff(scheduler, random, { firstMs: 500, longestMs: 5000 });
    this.#grace = new Deadline(scheduler);
    this.#deadline = new Deadline(scheduler);
    this.#game = new GameConnection({
      ...options,
      isAttached: () => this.#isAttached,
      signaling: () => this.#signaling,
      listener: {
        ...listener,
        handleOpen: () => {
          listener.handleOpen();
          this.#stream();
        },
        handleSilence: () => this.#interrupt(),
        handleRecovered: () => {
          listener.handleRecovered();
          this.#stream();
        },
        handleLost: () => this.#handleLost(),
      },
    });
    this.#deadline.set(SIGNALING_TIMEOUT_MS, () =>
      this.#fail('signaling-unreachable', 'The server could not be reached.'),
    );
    listener.handleState(this.#state);
    this.#signaling = new SignalingConnection({
      ...options,
      listener: {
        handleWelcome: (ice) => this.#handleWelcome(ice),
        handleSignal: (signal) => this.#game.handleSignal(signal),
        handleSessionEnded: ({ sessionId, reason, detail }) => {
          if (guestIdSchema.parse(sessionId) === this.#guestId) this.end(reason, detail);
        },
        handleContainer: () => undefined,
        handlePlace: () => undefined,
        handleOffer: () => undefined,
        handleOfferOver: () => undefined,
        handleRefused: (error) => {
          if (!this.#guestId) this.#failWith(error);
        },
      },
    });
    this.#stopWatching = options.onNetworkChange(() => {
      if (this.#guestId) this.#game.handleNetworkChange();
    });
  }

  /** Nothing is kept over a reload: the link lets the same guest in again. */
  readonly session = undefined;

  send(label: ChannelLabel, data: Uint8Array<ArrayBuffer> | string): boolean {
    return this.#game.send(label, data);
  }

  getStats(): Promise<RTCStatsReport | undefined> {
    return this.#game.getStats();
  }

  refreshPlayout(): void {
    this.#game.refreshPlayout();
  }

  handleFirstFrame(): void {
    this.#game.handleFirstFrame();
    this.#stream();
  }

  handleProgress(): void {
    if (this.#game.isOpen && this.#state.name === 'connecting') this.#awaitPicture();
  }

  handleVisibility(): void {
    this.#stream();
  }

  handleArrival(): void {
    this.#game.handleArrival();
  }

  replacePeer(): boolean {
    if (this.#state.name !== 'streaming' || !this.#isAttached) return false;
    this.#game.lose();
    this.#restore();
    return true;
  }

  /** Guests wait in no line. */
  async acceptOffer(): Promise<void> {}

  async explain(): Promise<undefined> {
    return undefined;
  }

  async share(): Promise<undefined> {
    throw new RockpoolError('unauthorised', 'Only the player whose game it is can share it.');
  }

  /** It is for the player to go elsewhere. */
  async leaveMachine(): Promise<undefined> {
    return undefined;
  }

  async leave(): Promise<void> {
    if (this.#isOver()) return;
    const guestId = this.#guestId;
    this.#finish({ name: 'ended', reason: 'player-left', detail: undefined });
    try {
      if (guestId) await this.#signaling.request('leave-as-guest', { guestId }, LEAVE_TIMEOUT_MS);
    } catch (error) {
      // The worker heard it first, or gives a guest up who is silent.
      if (toRockpoolError(error).code !== 'unknown-session') {
        console.error('The server could not be told that the visit is over.', error);
      }
    }
    this.#signaling.close();
  }

  end(reason: EndReason, detail: string | undefined): void {
    if (this.#isOver()) return;
    this.#finish({ name: 'ended', reason, detail });
    this.#signaling.close();
  }

  handleMismatch(message: string): void {
    this.#fail('protocol-mismatch', message);
  }

  close(): void {
    this.#closed = true;
    this.#guestId = undefined;
    this.#stop();
    this.#signaling.close();
  }

  get #isAttached(): boolean {
    return this.#attached && this.#signaling.ready;
  }

  #isOver(): boolean {
    return this.#closed || this.#state.name === 'ended' || this.#state.name === 'failed';
  }

  #setState(state: PlayerState): void {
    this.#state = state;
    this.#options.listener.handleState(state);
  }

  #handleWelcome(ice: Ice): void {
    this.#ice = ice;
    this.#attached = false;
    if (this.#guestId) this.#restore();
    else if (!this.#requesting) this.#enter();
  }

  async #enter(): Promise<void> {
    this.#setState({ name: 'connecting', step: 'pairing' });
    this.#requesting = true;
    try {
      await this.#join();
    } catch (error) {
      this.#failWith(toRockpoolError(error));
    } finally {
      this.#requesting = false;
    }
  }

  async #join(): Promise<void> {
    this.#deadline.cancel();
    const codecs = [...(await this.#options.codecs)];
    if (this.#isOver()) return;
    const { invite: token, listener } = this.#options;
    const grant = await this.#signaling.request('join-as-guest', { token, codecs });
    if (this.#isOver()) return;
    const { guestId, attempt } = grant;
    const resumed = guestId === this.#guestId;
    this.#guestId = guestId;
    this.#attached = true;
    if (this.#state.name !== 'interrupted') this.#setState({ name: 'connecting', step: 'media' });
    const sessionId = sessionIdSchema.parse(guestId);
    listener.handleGrant({ sessionId, containerName: undefined, resumed }, undefined);
    this.#awaitPicture();
    this.#game.open(this.#ice, { sessionId, attempt });
  }

  /** Has the visit relayed again where needed, and replaces its connection where that is lost. */
  async #restore(): Promise<void> {
    if (!this.#guestId || this.#requesting || !this.#signaling.ready) return;
    this.#requesting = true;
    try {
      if (!this.#attached && !this.#game.isLost) await this.#attach();
      if (this.#game.isLost) await this.#join();
      this.#retry.reset();
    } catch (error) {
      this.#handleRestoreFailed(toRockpoolError(error));
    } finally {
      this.#requesting = false;
    }
  }

  async #attach(): Promise<void> {
    const codecs = [...(await this.#options.codecs)];
    const { invite: token } = this.#options;
    await this.#signaling.request('join-as-guest', { token, codecs, attach: true });
    this.#attached = true;
    this.#game.handleAttached();
  }

  #handleRestoreFailed({ code }: RockpoolError): void {
    if (this.#isOver()) return;
    if (code === 'invite-revoked') this.end('guest-removed', undefined);
    else if (code === 'no-common-codec') this.end('guest-codec', undefined);
    // While the picture goes on, signaling is only needed once that breaks.
    else if (code === 'unknown-session' && this.#game.isLost) this.end('host-left', undefined);
    else this.#retry.schedule(() => this.#restore());
  }

  #awaitPicture(): void {
    this.#deadline.set(CONNECT_TIMEOUT_MS, () => this.#game.lose());
  }

  #stream(): void {
    if (!this.#game.streams || this.#isOver()) return;
    this.#deadline.cancel();
    this.#grace.cancel();
    if (this.#state.name !== 'streaming') this.#setState({ name: 'streaming' });
  }

  #handleLost(): void {
    this.#deadline.cancel();
    if (this.#state.name === 'connecting') {
      this.#fail('connection-failed', 'No connection to the game came about.');
    } else if (!this.#isOver()) {
      this.#options.listener.handleDisconnected();
      this.#interrupt();
      this.#retry.schedule(() => this.#restore());
    }
  }

  #interrupt(): void {
    if (this.#state.name !== 'streaming') return;
    const sinceMs = this.#options.scheduler.now();
    this.#grace.set(INTERRUPTED_GRACE_MS, () => this.end('abandoned', undefined));
    this.#setState({ name: 'interrupted', sinceMs, untilMs: sinceMs + INTERRUPTED_GRACE_MS });
  }

  #failWith(error: RockpoolError): void {
    this.#fail(guestProblemOf(error), error.message);
  }

  #fail(problem: PlayerProblem, message: string): void {
    if (this.#isOver()) return;
    this.#finish({ name: 'failed', problem, message });
    this.#signaling.close();
  }

  #finish(state: PlayerState): void {
    this.#stop();
    this.#setState(state);
  }

  #stop(): void {
    this.#stopWatching();
    this.#retry.cancel();
    this.#deadline.cancel();
    this.#grace.cancel();
    this.#game.close();
  }
}
