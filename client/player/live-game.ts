import type { ChannelLabel } from '../../protocol/channels.ts';
import type { PlayGrant } from '../../protocol/player-messages.ts';
import {
  CONNECT_TIMEOUT_MS,
  type EndReason,
  INTERRUPTED_GRACE_MS,
} from '../../protocol/session-state.ts';
import { BackOff } from './back-off.ts';
import { GameConnection, type GameConnectionOptions } from './connection/game-connection.ts';
import { SIGNALING_TIMEOUT_MS } from './connection/signaling-connection.ts';
import type { TriedPeer } from './connection/tried-peer.ts';
import { Deadline } from './deadline.ts';
import type { Ice } from './media/player-peer.ts';
import type { PlayerProblem, PlayerState } from './player-snapshot.ts';
import type { SessionFlowListener, SessionFlowOptions } from './session-flow-options.ts';

export type OverState = Extract<PlayerState, { name: 'ended' | 'failed' }>;

export interface LiveGameOptions
  extends Omit<GameConnectionOptions, 'listener'>,
    Pick<SessionFlowOptions, 'random'> {
  readonly listener: SessionFlowListener;
  /** Has another connection take the place of a lost one; asked again after a failure. */
  readonly restore: () => void;
  /** An interruption was longer than a game waits for its player. */
  readonly handleAbandoned: () => void;
  /** There was no game so far, and there will be none. */
  readonly handleFailure: (problem: PlayerProblem, message: string) => void;
}

/**
 * A game as a page has it: the connection in use, and the state that follows from it. While frames
 * flow, a lost signaling connection changes nothing; a silent peer connection is moved to another
 * path, and a lost one is replaced.
 */
export class LiveGame {
  readonly #options: LiveGameOptions;
  readonly #connection: GameConnection;
  readonly #retry: BackOff;
  /** Of signaling's answer, then of the picture. */
  readonly #deadline: Deadline;
  /** Of an interruption. */
  readonly #grace: Deadline;
  #state: PlayerState = { name: 'connecting', step: 'signaling' };
  #closed = false;

  constructor(options: LiveGameOptions) {
    this.#options = options;
    const { scheduler, random, listener } = options;
    this.#retry = new BackOff(scheduler, random, { firstMs: 500, longestMs: 5000 });
    this.#connection = new GameConnection({
      ...options,
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
    this.#grace = new Deadline(scheduler);
    this.#deadline = new Deadline(scheduler);
    this.#deadline.set(SIGNALING_TIMEOUT_MS, () =>
      options.handleFailure('signaling-unreachable', 'The server could not be reached.'),
    );
    listener.handleState(this.#state);
  }

  get state(): PlayerState {
    return this.#state;
  }

  /** Nothing will change any more. */
  get isOver(): boolean {
    return this.#closed || this.#state.name === 'ended' || this.#state.name === 'failed';
  }

  /** It was seen, and may be again. */
  get isPlayed(): boolean {
    return this.#state.name === 'streaming' || this.#state.name === 'interrupted';
  }

  /** Whether another connection has to take the place of the present one. */
  get isLost(): boolean {
    return this.#connection.isLost;
  }

  /** What carries signals, and is told of what changes about them. */
  get connection(): Pick<
    GameConnection,
    'handleSignal' | 'handleContainer' | 'handleNetworkChange' | 'handleAttached'
  > {
    return this.#connection;
  }

  /** False where the message could not be sent. */
  send(label: ChannelLabel, data: Uint8Array<ArrayBuffer> | string): boolean {
    return this.#connection.send(label, data);
  }

  getStats(): Promise<RTCStatsReport | undefined> {
    return this.#connection.getStats();
  }

  refreshPlayout(): void {
    this.#connection.refreshPlayout();
  }

  /** The picture of the newest connection is there. */
  handleFirstFrame(): void {
    this.#connection.handleFirstFrame();
    this.#stream();
  }

  /** The worker is there, and needs longer until there is a picture. */
  handleProgress(): void {
    if (this.#connection.isOpen && this.#state.name === 'connecting') this.#awaitPicture();
  }

  /** The page was hidden or shown. */
  handleVisibility(): void {
    this.#stream();
  }

  /** The browser counted packets that came in. */
  handleArrival(): void {
    this.#connection.handleArrival();
  }

  /** Takes another connection though this one stands. False where none could be had now. */
  replacePeer(): boolean {
    if (this.#state.name !== 'streaming' || !this.#options.isAttached()) return false;
    this.#connection.lose();
    this.#options.restore();
    return true;
  }

  /** Signaling is there: how long it may take to answer is up to each question. */
  handleReached(): void {
    this.#deadline.cancel();
  }

  setState(state: PlayerState): void {
    this.#state = state;
    this.#options.listener.handleState(state);
  }

  /** @param moved why there is no game now, where there was one. */
  connect(
    step: Extract<PlayerState, { name: 'connecting' }>['step'],
    moved: EndReason | undefined,
  ): void {
    this.setState({ name: 'connecting', step, ...(moved && { moved }) });
  }

  /** Answers the offers of what was granted from now on. @param tried a connection that is there. */
  open(
    ice: Ice,
    grant: Pick<PlayGrant, 'sessionId' | 'attempt'>,
    tried: TriedPeer | undefined,
  ): void {
    this.#awaitPicture();
    this.#connection.open(ice, grant, tried);
  }

  /** Has a lost connection replaced in a while. */
  restoreSoon(): void {
    this.#retry.schedule(() => this.#options.restore());
  }

  handleRestored(): void {
    this.#retry.reset();
  }

  /** There is no game for now; the last picture stays. */
  letGo(): void {
    this.#stop();
    this.#options.listener.handleDisconnected();
  }

  finish(state: OverState): void {
    this.#stop();
    this.setState(state);
  }

  /** Without a word. */
  close(): void {
    this.#closed = true;
    this.#stop();
  }

  #awaitPicture(): void {
    this.#deadline.set(CONNECT_TIMEOUT_MS, () => this.#connection.lose());
  }

  #stream(): void {
    if (!this.#connection.streams || this.isOver) return;
    this.#deadline.cancel();
    this.#grace.cancel();
    if (this.#state.name !== 'streaming') this.setState({ name: 'streaming' });
  }

  #handleLost(): void {
    this.#deadline.cancel();
    if (this.#state.name === 'connecting') {
      this.#options.handleFailure('connection-failed', 'No connection to the game came about.');
    } else if (!this.isOver) {
      this.#options.listener.handleDisconnected();
      this.#interrupt();
      this.restoreSoon();
    }
  }

  #interrupt(): void {
    if (this.#state.name !== 'streaming') return;
    const sinceMs = this.#options.scheduler.now();
    this.#grace.set(INTERRUPTED_GRACE_MS, this.#options.handleAbandoned);
    this.setState({ name: 'interrupted', sinceMs, untilMs: sinceMs + INTERRUPTED_GRACE_MS });
  }

  #stop(): void {
    this.#connection.close();
    this.#retry.cancel();
    this.#deadline.cancel();
    this.#grace.cancel();
  }
}
