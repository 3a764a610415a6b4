import type { ChannelLabel } from '../../protocol/channels.ts';
import { type RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import type { GameId } from '../../protocol/ids.ts';
import type { PlayGrant, PlayRequest } from '../../protocol/player-messages.ts';
import type { IceServer } from '../../protocol/session-signal.ts';
import {
  CONNECT_TIMEOUT_MS,
  type EndReason,
  INTERRUPTED_GRACE_MS,
} from '../../protocol/session-state.ts';
import type { StreamSettings, VideoCodec } from '../../protocol/stream-settings.ts';
import { BackOff } from './back-off.ts';
import { leaveSession } from './connection/leave-session.ts';
import { PathRecovery } from './connection/path-recovery.ts';
import { SignalRelay } from './connection/signal-relay.ts';
import { SignalingConnection, type SignalingOptions } from './connection/signaling-connection.ts';
import type { OpenPeer, PlayerPeer } from './media/player-peer.ts';
import { problemOf } from './player-problem.ts';
import type { PlayerProblem, PlayerState } from './player-snapshot.ts';
import type { Resumable } from './resume-store.ts';
import type { Scheduler } from './scheduler.ts';

/** A server on the same continent answers in 0.2 s; a page that waits longer than this looks dead. */
const SIGNALING_TIMEOUT_MS = 10_000;

export interface SessionFlowOptions extends Omit<SignalingOptions, 'listener'> {
  readonly openPeer: OpenPeer;
  readonly onNetworkChange: (handleChange: () => void) => () => void;
  /** A page that nobody sees is shown no frame. */
  readonly isHidden: () => boolean;
  readonly gameId: GameId;
  /** What can be received, best first. */
  readonly codecs: Promise<readonly VideoCodec[]>;
  /** Asked for each request. */
  readonly settings: () => StreamSettings;
  readonly resume: Resumable | undefined;
  readonly listener: SessionFlowListener;
}

export interface SessionFlowListener {
  handleState(state: PlayerState): void;
  handleGrant(grant: PlayGrant): void;
  /** The channels of a new connection are open. */
  handleOpen(): void;
  /** The same connection carries packets again. */
  handleRecovered(): void;
  handleDisconnected(): void;
  handleMessage(label: ChannelLabel, data: ArrayBuffer | string): void;
  handleTrack(track: MediaStreamTrack): void;
}

type Session = Pick<PlayGrant, 'sessionId' | 'resumeToken'>;

/**
 * One session from pairing to its end: what is said to signaling, and which peer connection is in use.
 * While frames flow, a lost signaling connection changes nothing; while signaling is there, a silent
 * peer connection is moved to another path, and a lost one is replaced.
 */
export class SessionFlow {
  readonly #options: SessionFlowOptions;
  readonly #listener: SessionFlowListener;
  readonly #scheduler: Scheduler;
  readonly #signaling: SignalingConnection;
  readonly #relay: SignalRelay;
  readonly #path: PathRecovery;
  readonly #retry: BackOff;
  readonly #stopWatching: () => void;
  #state: PlayerState = { name: 'connecting', step: 'signaling' };
  #iceServers: readonly IceServer[] = [];
  #codecs: readonly VideoCodec[] = [];
  #session: Session | undefined;
  #peer: PlayerPeer | undefined;
  /** Signaling relays the session to this socket. */
  #attached = false;
  #requesting = false;
  #open = false;
  #pictured = false;
  /** The peer connection has to be replaced. */
  #lost = false;
  #closed = false;
  #cancelDeadline: () => void;
  #cancelGrace: (() => void) | undefined;

  constructor(options: SessionFlowOptions) {
    this.#options = options;
    this.#listener = options.listener;
    this.#scheduler = options.scheduler;
    this.#retry = new BackOff(options.scheduler, options.random, {
      firstMs: 500,
      longestMs: 5000,
    });
    this.#relay = new SignalRelay({
      isOpen: () => this.#isAttached,
      request: (signal) => this.#signaling.request('signal', signal),
      handlePayload: (payload) => this.#peer?.handleRemoteSignal(payload),
    });
    this.#path = new PathRecovery({
      scheduler: options.scheduler,
      mayAsk: () => this.#isAttached,
      askForRestart: () => this.#relay.send({ kind: 'restart-ice' }),
      renewSignaling: () => this.#signaling.reconnect(),
      handleSilence: () => this.#interrupt(),
      handleRecovered: () => {
        this.#listener.handleRecovered();
        this.#stream();
      },
      handleFutile: () => this.#handleLost(),
    });
    this.#cancelDeadline = options.scheduler.after(SIGNALING_TIMEOUT_MS, () =>
      this.#fail('signaling-unreachable', 'The server could not be reached.'),
    );
    this.#listener.handleState(this.#state);
    this.#signaling = new SignalingConnection({
      ...options,
      listener: {
        handleWelcome: ({ iceServers }) => this.#handleWelcome(iceServers),
        handleSignal: (signal) => this.#relay.handleSignal(signal),
        handleSessionEnded: ({ sessionId, reason, detail }) => {
          if (sessionId === this.#session?.sessionId) this.end(reason, detail);
        },
        handleRefused: (error) => {
          if (!this.#session) this.#failWith(error);
        },
      },
    });
    this.#stopWatching = options.onNetworkChange(() => {
      // A socket that waits for the answer to its first `play` has nothing to come back to.
      if (this.#session || !this.#requesting) this.#path.handleNetworkChange();
    });
  }

  /** Proof that the session is this player's; undefined before pairing and after the end. */
  get session(): Session | undefined {
    return this.#session;
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

  /** The picture of the newest connection is there. */
  handleFirstFrame(): void {
    this.#pictured = true;
    this.#stream();
  }

  /** The worker is there, and needs longer until there is a picture. */
  handleProgress(): void {
    if (this.#open && this.#state.name === 'connecting') this.#awaitPicture();
  }

  /** The page was hidden or shown. */
  handleVisibility(): void {
    this.#stream();
  }

  /** The browser counted packets that came in. */
  handleArrival(): void {
    this.#path.handleHeard();
  }

  /** Takes another connection though this one stands. False where none could be had now. */
  replacePeer(): boolean {
    if (this.#state.name !== 'streaming' || !this.#isAttached) return false;
    this.#handleLost();
    this.#restore();
    return true;
  }

  /** Tells the server that the player goes for good. */
  async leave(): Promise<void> {
    const session = this.#session;
    if (this.#isOver()) return;
    this.#finish({ name: 'ended', reason: 'player-left', detail: undefined });
    if (session) await leaveSession(this.#signaling, session.sessionId);
    this.#signaling.close();
  }

  /** The session is over. */
  end(reason: EndReason, detail: string | undefined): void {
    if (this.#isOver()) return;
    this.#finish({ name: 'ended', reason, detail });
    this.#signaling.close();
  }

  /** The worker speaks another version. */
  handleMismatch(message: string): void {
    this.#fail('protocol-mismatch', message);
  }

  /** Lets go of everything without a word: the session can be resumed. */
  close(): void {
    this.#closed = true;
    this.#session = undefined;
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
    this.#listener.handleState(state);
  }

  #handleWelcome(iceServers: readonly IceServer[]): void {
    this.#iceServers = iceServers;
    this.#attached = false;
    if (this.#session) this.#restore();
    else if (!this.#requesting) this.#pair();
  }

  async #pair(): Promise<void> {
    this.#setState({ name: 'connecting', step: 'pairing' });
    this.#requesting = true;
    try {
      this.#codecs = await this.#options.codecs;
      if (this.#isOver()) return;
      const grant = await this.#play(this.#options.resume);
      if (this.#isOver()) return;
      this.#setState({ name: 'connecting', step: 'media' });
      this.#adopt(grant);
    } catch (error) {
      this.#failWith(toRockpoolError(error));
    } finally {
      this.#requesting = false;
    }
  }

  #play(resume: Session | undefined): Promise<PlayGrant> {
    this.#cancelDeadline();
    const request: PlayRequest = {
      gameId: this.#options.gameId,
      settings: this.#options.settings(),
      codecs: [...this.#codecs],
    };
    if (resume) {
      const { sessionId, resumeToken } = resume;
      request.resume = { sessionId, resumeToken };
    }
    return this.#signaling.request('play', request);
  }

  /** Attaches to the running session where needed, and replaces its connection where that is lost. */
  async #restore(): Promise<void> {
    const session = this.#session;
    if (!session || this.#requesting || !this.#signaling.ready) return;
    this.#requesting = true;
    try {
      if (!this.#attached) {
        const { sessionId, resumeToken } = session;
        await this.#signaling.request('attach', { sessionId, resumeToken });
        this.#attached = true;
        this.#relay.flush();
        this.#path.flush();
      }
      if (this.#lost) await this.#resume(session);
      this.#retry.reset();
    } catch {
      // After a restart of signaling the session is unknown until its container has joined again:
      // every error is worth another try, until the time of grace is over.
      if (this.#session) this.#retry.schedule(() => this.#restore());
    } finally {
      this.#requesting = false;
    }
  }

  async #resume(session: Session): Promise<void> {
    const grant = await this.#play(session);
    if (this.#isOver()) return;
    if (grant.resumed) {
      this.#adopt(grant);
      return;
    }
    // The game is gone and another was started. Who was playing wants to know, not to begin again.
    leaveSession(this.#signaling, grant.sessionId);
    this.end('abandoned', undefined);
  }

  #adopt(grant: PlayGrant): void {
    const { sessionId, resumeToken, attempt } = grant;
    this.#session = { sessionId, resumeToken };
    this.#attached = true;
    this.#listener.handleGrant(grant);
    this.#openPeer();
    this.#awaitPicture();
    this.#relay.handleAttempt(sessionId, attempt);
  }

  #awaitPicture(): void {
    this.#cancelDeadline();
    this.#cancelDeadline = this.#scheduler.after(CONNECT_TIMEOUT_MS, () => this.#handleLost());
  }

  #openPeer(): void {
    this.#peer?.close();
    this.#open = false;
    this.#pictured = false;
    this.#lost = false;
    this.#peer = this.#options.openPeer(this.#iceServers, {
      handleLocalSignal: (payload) => this.#relay.send(payload),
      handleOpen: () => {
        this.#open = true;
        this.#path.start();
        this.#listener.handleOpen();
        this.#stream();
      },
      handleMessage: (label, data) => {
        this.#path.handleHeard();
        this.#listener.handleMessage(label, data);
      },
      handleTrack: (track) => this.#listener.handleTrack(track),
      handleSilence: () => this.#path.handleDisconnected(),
      handleRecovered: () => this.#path.handleHeard(),
      handleLost: () => this.#handleLost(),
    });
  }

  /** A hidden page is sent no picture: it streams all the same. */
  #stream(): void {
    if (!this.#open || this.#path.silent || this.#isOver()) return;
    if (!this.#pictured && !this.#options.isHidden()) return;
    this.#cancelDeadline();
    this.#cancelGrace?.();
    this.#cancelGrace = undefined;
    if (this.#state.name !== 'streaming') this.#setState({ name: 'streaming' });
  }

  #handleLost(): void {
    this.#peer?.close();
    this.#open = false;
    this.#lost = true;
    this.#path.stop();
    this.#cancelDeadline();
    if (this.#state.name === 'connecting') {
      this.#fail('connection-failed', 'No connection to the game came about.');
    } else if (!this.#isOver()) {
      this.#listener.handleDisconnected();
      this.#interrupt();
      this.#retry.schedule(() => this.#restore());
    }
  }

  #interrupt(): void {
    if (this.#state.name !== 'streaming') return;
    const sinceMs = this.#scheduler.now();
    const untilMs = sinceMs + INTERRUPTED_GRACE_MS;
    this.#cancelGrace = this.#scheduler.after(INTERRUPTED_GRACE_MS, () =>
      this.end('abandoned', 'The connection to the game could not be restored in time.'),
    );
    this.#setState({ name: 'interrupted', sinceMs, untilMs });
  }

  #failWith(error: RockpoolError): void {
    this.#fail(problemOf(error), error.message);
  }

  #fail(problem: PlayerProblem, message: string): void {
    if (this.#isOver()) return;
    const session = this.#session;
    this.#finish({ name: 'failed', problem, message });
    const left = session ? leaveSession(this.#signaling, session.sessionId) : Promise.resolve();
    left.then(() => this.#signaling.close());
  }

  #finish(state: PlayerState): void {
    this.#session = undefined;
    this.#stop();
    this.#setState(state);
  }

  #stop(): void {
    this.#stopWatching();
    this.#path.stop();
    this.#retry.cancel();
    this.#cancelDeadline();
    this.#cancelGrace?.();
    this.#peer?.close();
    this.#open = false;
  }
}
