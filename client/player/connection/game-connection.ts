import type { ChannelLabel } from '../../../protocol/channels.ts';
import type { PlayGrant } from '../../../protocol/player-messages.ts';
import type { SessionSignal } from '../../../protocol/session-signal.ts';
import type { Ice, OpenPeer, PlayerPeer, PlayerPeerListener } from '../media/player-peer.ts';
import type { Scheduler } from '../scheduler.ts';
import { PathRecovery } from './path-recovery.ts';
import { SignalRelay } from './signal-relay.ts';
import type { SignalingConnection } from './signaling-connection.ts';
import type { TriedPeer } from './tried-peer.ts';

export interface GameConnectionOptions {
  readonly scheduler: Scheduler;
  readonly openPeer: OpenPeer;
  /** A page that nobody sees is shown no frame. */
  readonly isHidden: () => boolean;
  /** Whether signaling relays the session to and from here now. */
  readonly isAttached: () => boolean;
  readonly signaling: () => Pick<SignalingConnection, 'request' | 'reconnect'>;
  readonly listener: GameConnectionListener;
}

export interface GameConnectionListener {
  /** The channels of a new connection are open. */
  handleOpen(): void;
  /** Nothing arrives any more, for now. */
  handleSilence(): void;
  /** The same connection carries packets again. */
  handleRecovered(): void;
  /** It is gone for good: another has to take its place. */
  handleLost(): void;
  handleMessage(label: ChannelLabel, data: ArrayBuffer | string): void;
  handleTrack(track: MediaStreamTrack): void;
}

/**
 * The connection to the worker of a session: its peer connection and the signals that make it, over
 * changes of network. A silent one is moved to another path, as long as its machine may be there.
 */
export class GameConnection {
  readonly #options: GameConnectionOptions;
  readonly #relay: SignalRelay;
  readonly #path: PathRecovery;
  #peer: PlayerPeer | undefined;
  #open = false;
  #pictured = false;
  #lost = false;
  /** The machine has lost signaling: where it is silent too, it is gone. */
  #containerAway = false;

  constructor(options: GameConnectionOptions) {
    this.#options = options;
    const { scheduler, listener } = options;
    this.#relay = new SignalRelay({
      isOpen: options.isAttached,
      request: (signal) => options.signaling().request('signal', signal),
      handlePayload: (payload) => this.#peer?.handleRemoteSignal(payload),
    });
    this.#path = new PathRecovery({
      scheduler,
      mayAsk: options.isAttached,
      askForRestart: () => this.#relay.send({ kind: 'restart-ice' }),
      renewSignaling: () => options.signaling().reconnect(),
      handleSilence: () => {
        listener.handleSilence();
        this.#loseGoneContainer();
      },
      handleRecovered: () => listener.handleRecovered(),
      handleFutile: () => this.lose(),
    });
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Whether another connection has to take its place. */
  get isLost(): boolean {
    return this.#lost;
  }

  /** Whether the game is seen, or would be: a hidden page is sent no picture. */
  get streams(): boolean {
    const hasPicture = this.#pictured || this.#options.isHidden();
    return this.#open && !this.#path.silent && hasPicture;
  }

  /**
   * Answers the offers of a granted session from now on.
   * @param tried the connection that its path was measured on.
   */
  open(
    ice: Ice,
    { sessionId, attempt }: Pick<PlayGrant, 'sessionId' | 'attempt'>,
    tried?: TriedPeer,
  ): void {
    const { openPeer, listener } = this.#options;
    this.close();
    this.#pictured = false;
    this.#lost = false;
    this.#containerAway = false;
    this.#path.setSuspect(false);
    const peerListener: PlayerPeerListener = {
      handleLocalSignal: (payload) => this.#relay.send(payload),
      handleOpen: () => {
        this.#open = true;
        this.#path.start();
        listener.handleOpen();
      },
      handleMessage: (label, data) => {
        this.#path.handleHeard();
        listener.handleMessage(label, data);
      },
      handleTrack: (track) => listener.handleTrack(track),
      handleSilence: () => this.#path.handleDisconnected(),
      handleRecovered: () => this.#path.handleHeard(),
      handleLost: () => this.lose(),
    };
    this.#peer = tried?.peer ?? openPeer(ice, peerListener);
    this.#relay.handleAttempt(sessionId, attempt);
    tried?.handOver(peerListener);
    if (tried?.isReceiving) listener.handleRecovered();
  }

  /** False where the message could not be sent. */
  send(label: ChannelLabel, data: Uint8Array<ArrayBuffer> | string): boolean {
    return this.#peer?.send(label, data) ?? false;
  }

  async getStats(): Promise<RTCStatsReport | undefined> {
    return this.#peer?.getStats();
  }

  refreshPlayout(): void {
    this.#peer?.refreshPlayout();
  }

  /** Its picture is there. */
  handleFirstFrame(): void {
    this.#pictured = true;
  }

  /** The browser counted packets that came in. */
  handleArrival(): void {
    this.#path.handleHeard();
  }

  handleSignal(signal: SessionSignal): void {
    this.#relay.handleSignal(signal);
  }

  /** Signaling relays the session again. */
  handleAttached(): void {
    this.#relay.flush();
    this.#path.flush();
  }

  handleNetworkChange(): void {
    this.#path.handleNetworkChange();
  }

  /** Whether its machine has a connection to signaling. */
  handleContainer(present: boolean): void {
    this.#containerAway = !present;
    this.#path.setSuspect(this.#containerAway);
    this.#loseGoneContainer();
  }

  /** Gives it up for another. */
  lose(): void {
    this.close();
    this.#lost = true;
    this.#options.listener.handleLost();
  }

  close(): void {
    this.#peer?.close();
    this.#open = false;
    this.#path.stop();
  }

  #loseGoneContainer(): void {
    if (this.#containerAway && this.#path.silent && this.#open) this.lose();
  }
}
