import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import { type GuestId, guestIdSchema, sessionIdSchema } from '../../protocol/ids.ts';
import type { EndReason } from '../../protocol/session-state.ts';
import { SignalingConnection } from './connection/signaling-connection.ts';
import { LiveGame, type OverState } from './live-game.ts';
import type { Ice } from './media/player-peer.ts';
import type { PlayFlow } from './play-flow.ts';
import { guestProblemOf } from './player-problem.ts';
import type { PlayerProblem } from './player-snapshot.ts';
import type { SessionFlowOptions } from './session-flow-options.ts';

/** The page is going: no more than this is waited for the server to hear of it. */
const LEAVE_TIMEOUT_MS = 2000;

export interface GuestFlowOptions
  extends Omit<
    SessionFlowOptions,
    'gameId' | 'channel' | 'settings' | 'quality' | 'resume' | 'paths'
  > {
  /** Of the link. */
  readonly invite: string;
}

/**
 * A visit to somebody's game, from the link to its end. A lost connection is replaced by coming in
 * again: whoever has come by a link before is let in as the same guest, as long as it is open.
 */
export class GuestFlow implements PlayFlow {
  readonly game: LiveGame;
  readonly #options: GuestFlowOptions;
  readonly #signaling: SignalingConnection;
  readonly #stopWatching: () => void;
  #ice: Ice = { iceServers: [] };
  #guestId: GuestId | undefined;
  /** Signaling relays the visit to this socket. */
  #attached = false;
  #requesting = false;

  constructor(options: GuestFlowOptions) {
    this.#options = options;
    this.game = new LiveGame({
      ...options,
      isAttached: () => this.#attached && this.#signaling.ready,
      signaling: () => this.#signaling,
      restore: () => void this.#restore(),
      handleAbandoned: () => this.end('abandoned', undefined),
      handleFailure: (problem, message) => this.#fail(problem, message),
    });
    this.#signaling = new SignalingConnection({
      ...options,
      listener: {
        handleWelcome: (ice) => this.#handleWelcome(ice),
        handleSignal: (signal) => this.game.connection.handleSignal(signal),
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
      if (this.#guestId) this.game.connection.handleNetworkChange();
    });
  }

  /** Nothing is kept over a reload: the link lets the same guest in again. */
  readonly session = undefined;

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
    if (this.game.isOver) return;
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
    if (this.game.isOver) return;
    this.#finish({ name: 'ended', reason, detail });
    this.#signaling.close();
  }

  handleMismatch(message: string): void {
    this.#fail('protocol-mismatch', message);
  }

  close(): void {
    this.#guestId = undefined;
    this.#stopWatching();
    this.game.close();
    this.#signaling.close();
  }

  #handleWelcome(ice: Ice): void {
    this.#ice = ice;
    this.#attached = false;
    if (this.#guestId) this.#restore();
    else if (!this.#requesting) this.#enter();
  }

  async #enter(): Promise<void> {
    this.game.connect('pairing', undefined);
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
    this.game.handleReached();
    const codecs = [...(await this.#options.codecs)];
    if (this.game.isOver) return;
    const { invite: token, listener } = this.#options;
    const grant = await this.#signaling.request('join-as-guest', { token, codecs });
    if (this.game.isOver) return;
    const { guestId, attempt } = grant;
    const resumed = guestId === this.#guestId;
    this.#guestId = guestId;
    this.#attached = true;
    if (this.game.state.name !== 'interrupted') this.game.connect('media', undefined);
    const sessionId = sessionIdSchema.parse(guestId);
    listener.handleGrant({ sessionId, containerName: undefined, resumed }, undefined);
    this.game.open(this.#ice, { sessionId, attempt }, undefined);
  }

  /** Has the visit relayed again where needed, and replaces its connection where that is lost. */
  async #restore(): Promise<void> {
    if (!this.#guestId || this.#requesting || !this.#signaling.ready) return;
    this.#requesting = true;
    try {
      if (!this.#attached && !this.game.isLost) await this.#attach();
      if (this.game.isLost) await this.#join();
      this.game.handleRestored();
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
    this.game.connection.handleAttached();
  }

  #handleRestoreFailed({ code }: RockpoolError): void {
    if (this.game.isOver) return;
    if (code === 'invite-revoked') this.end('guest-removed', undefined);
    else if (code === 'no-common-codec') this.end('guest-codec', undefined);
    // While the picture goes on, signaling is only needed once that breaks.
    else if (code === 'unknown-session' && this.game.isLost) this.end('host-left', undefined);
    else this.game.restoreSoon();
  }

  #failWith(error: RockpoolError): void {
    this.#fail(guestProblemOf(error), error.message);
  }

  #fail(problem: PlayerProblem, message: string): void {
    if (this.game.isOver) return;
    this.#finish({ name: 'failed', problem, message });
    this.#signaling.close();
  }

  #finish(state: OverState): void {
    this.#stopWatching();
    this.game.finish(state);
  }
}
