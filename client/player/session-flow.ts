import type { ChannelLabel } from '../../protocol/channels.ts';
import { type ErrorCode, type RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import type { GameId, SessionId } from '../../protocol/ids.ts';
import type { PlayGrant, PlayRequest } from '../../protocol/player-messages.ts';
import type { IceServer, SessionSignal } from '../../protocol/session-signal.ts';
import {
  CONNECT_TIMEOUT_MS,
  type EndReason,
  INTERRUPTED_GRACE_MS,
} from '../../protocol/session-state.ts';
import type { StreamSettings, VideoCodec } from '../../protocol/stream-settings.ts';
import { BackOff } from './back-off.ts';
import { SignalingConnection, type SignalingOptions } from './connection/signaling-connection.ts';
import type { OpenPeer, PlayerPeer } from './media/player-peer.ts';
import type { PlayerProblem, PlayerState } from './player-snapshot.ts';
import type { Resumable } from './resume-store.ts';
import type { Scheduler } from './scheduler.ts';

/** A server on the same continent answers in 0.2 s; a page that waits longer than this looks dead. */
const SIGNALING_TIMEOUT_MS = 10_000;
/** The page is going: no more than this is waited for the server to hear of it. */
const LEAVE_TIMEOUT_MS = 2000;
/** An offer and its candidates that overtake the answer to `play`. */
const KEPT_SIGNALS = 64;

const PROBLEMS: Partial<Record<ErrorCode, PlayerProblem>> = {
  'no-free-slot': 'no-free-slot',
  'unknown-game': 'unknown-game',
  'no-common-codec': 'no-common-codec',
  'protocol-mismatch': 'protocol-mismatch',
  timeout: 'signaling-unreachable',
};

export interface SessionFlowOptions extends Omit<SignalingOptions, 'listener'> {
  readonly openPeer: OpenPeer;
  readonly gameId: GameId;
  readonly codecs: readonly VideoCodec[];
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
  handleDisconnected(): void;
  handleMessage(label: ChannelLabel, data: ArrayBuffer | string): void;
  handleTrack(track: MediaStreamTrack): void;
}

type Session = Pick<PlayGrant, 'sessionId' | 'resumeToken'>;

/**
 * One session from pairing to its end: what is said to signaling, and which peer connection is in use.
 * While frames flow, a lost signaling connection changes nothing; while signaling is there, a lost
 * peer connection is replaced.
 */
export class SessionFlow {
  readonly #options: SessionFlowOptions;
  readonly #listener: SessionFlowListener;
  readonly #scheduler: Scheduler;
  readonly #signaling: SignalingConnection;
  readonly #retry: BackOff;
  #state: PlayerState = { name: 'connecting', step: 'signaling' };
  #iceServers: readonly IceServer[] = [];
  #session: Session | undefined;
  #attempt = -1;
  #earlySignals: SessionSignal[] = [];
  #peer: PlayerPeer | undefined;
  /** Signaling relays the session to this socket. */
  #attached = false;
  #requesting = false;
  #open = false;
  #pictured = false;
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
    this.#cancelDeadline = options.scheduler.after(SIGNALING_TIMEOUT_MS, () =>
      this.#fail('signaling-unreachable', 'The server could not be reached.'),
    );
    this.#listener.handleState(this.#state);
    this.#signaling = new SignalingConnection({
      ...options,
      listener: {
        handleWelcome: ({ iceServers }) => this.#handleWelcome(iceServers),
        handleSignal: (signal) => this.#handleSignal(signal),
        handleSessionEnded: ({ sessionId, reason, detail }) => {
          if (sessionId === this.#session?.sessionId) this.end(reason, detail);
        },
        handleRefused: (error) => {
          if (!this.#session) this.#failWith(error);
        },
      },
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

  /** The picture of the newest connection is there. */
  handleFirstFrame(): void {
    this.#pictured = true;
    this.#stream();
  }

  /** Tells the server that the player goes for good. */
  async leave(): Promise<void> {
    const session = this.#session;
    if (this.#isOver()) return;
    this.#finish({ name: 'ended', reason: 'player-left', detail: undefined });
    if (session) await this.#leave(session.sessionId);
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
    this.#stopTimers();
    this.#peer?.close();
    this.#signaling.close();
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
      codecs: [...this.#options.codecs],
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
      }
      if (this.#state.name === 'interrupted') await this.#resume(session);
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
    if (this.#state.name !== 'interrupted') return;
    if (grant.resumed) {
      this.#adopt(grant);
      return;
    }
    // The game is gone and another was started. Who was playing wants to know, not to begin again.
    this.#leave(grant.sessionId);
    this.end('abandoned', undefined);
  }

  #adopt(grant: PlayGrant): void {
    const { sessionId, resumeToken, attempt } = grant;
    this.#session = { sessionId, resumeToken };
    this.#attached = true;
    this.#attempt = attempt;
    this.#listener.handleGrant(grant);
    this.#openPeer();
    this.#cancelDeadline = this.#scheduler.after(CONNECT_TIMEOUT_MS, () => this.#handleLost());
    const early = this.#earlySignals;
    this.#earlySignals = [];
    for (const signal of early) this.#handleSignal(signal);
  }

  #openPeer(): void {
    this.#peer?.close();
    this.#open = false;
    this.#pictured = false;
    this.#peer = this.#options.openPeer(this.#iceServers, {
      handleLocalSignal: (payload) => this.#relay(payload),
      handleOpen: () => {
        this.#open = true;
        this.#listener.handleOpen();
        this.#stream();
      },
      handleMessage: (label, data) => this.#listener.handleMessage(label, data),
      handleTrack: (track) => this.#listener.handleTrack(track),
      handleSilence: () => this.#interrupt(),
      handleRecovered: () => this.#stream(),
      handleLost: () => this.#handleLost(),
    });
  }

  #relay(payload: SessionSignal['payload']): void {
    if (!this.#session) return;
    const { sessionId } = this.#session;
    const attempt = this.#attempt;
    this.#signaling.request('signal', { sessionId, attempt, payload }).catch((error: unknown) => {
      // A candidate more or less decides nothing; where it does, the connection times out.
      console.error('Signaling did not relay a message.', error);
    });
  }

  #handleSignal(signal: SessionSignal): void {
    const { sessionId } = this.#session ?? {};
    if (sessionId === signal.sessionId && signal.attempt === this.#attempt) {
      this.#peer?.handleRemoteSignal(signal.payload);
    } else if (!sessionId || (sessionId === signal.sessionId && signal.attempt > this.#attempt)) {
      if (this.#earlySignals.length < KEPT_SIGNALS) this.#earlySignals.push(signal);
    }
  }

  #stream(): void {
    if (!this.#open || !this.#pictured || this.#isOver()) return;
    this.#cancelDeadline();
    this.#cancelGrace?.();
    this.#cancelGrace = undefined;
    if (this.#state.name !== 'streaming') this.#setState({ name: 'streaming' });
  }

  #handleLost(): void {
    this.#peer?.close();
    this.#open = false;
    this.#cancelDeadline();
    if (this.#state.name === 'connecting') {
      this.#fail('connection-failed', 'No connection to the game came about.');
    } else if (!this.#isOver()) {
      this.#listener.handleDisconnected();
      this.#interrupt();
    }
  }

  #interrupt(): void {
    if (this.#state.name === 'streaming') {
      const sinceMs = this.#scheduler.now();
      const untilMs = sinceMs + INTERRUPTED_GRACE_MS;
      this.#cancelGrace = this.#scheduler.after(INTERRUPTED_GRACE_MS, () =>
        this.end('abandoned', 'The connection to the game could not be restored in time.'),
      );
      this.#setState({ name: 'interrupted', sinceMs, untilMs });
    }
    if (this.#state.name === 'interrupted') this.#retry.schedule(() => this.#restore());
  }

  #failWith(error: RockpoolError): void {
    this.#fail(PROBLEMS[error.code] ?? 'refused', error.message);
  }

  #fail(problem: PlayerProblem, message: string): void {
    if (this.#isOver()) return;
    const session = this.#session;
    this.#finish({ name: 'failed', problem, message });
    const left = session ? this.#leave(session.sessionId) : Promise.resolve();
    left.then(() => this.#signaling.close());
  }

  #finish(state: PlayerState): void {
    this.#stopTimers();
    this.#session = undefined;
    this.#peer?.close();
    this.#open = false;
    this.#setState(state);
  }

  #stopTimers(): void {
    this.#retry.cancel();
    this.#cancelDeadline();
    this.#cancelGrace?.();
  }

  async #leave(sessionId: SessionId): Promise<void> {
    try {
      await this.#signaling.request('leave', { sessionId }, LEAVE_TIMEOUT_MS);
    } catch (error) {
      // Its container ends an abandoned session after the time of grace.
      console.error('The server could not be told that the session is over.', error);
    }
  }
}
