import type { ChannelLabel } from '../../../protocol/channels.ts';
import { decodeFrameMessage } from '../../../protocol/frame-messages.ts';
import type { SessionId } from '../../../protocol/ids.ts';
import { encodeMotion } from '../../../protocol/motion-messages.ts';
import type { SessionSignal } from '../../../protocol/session-signal.ts';
import type { Ice, OpenPeer, PlayerPeer, PlayerPeerListener } from '../media/player-peer.ts';
import type { Scheduler } from '../scheduler.ts';
import { TRIAL_PING_INTERVAL_MS } from './path-race.ts';
import { SignalRelay } from './signal-relay.ts';

/**
 * A browser counts its checks anew every 50 ms at most, and makes as many. Asked before the first of them
 * is answered, it would say the same when that has been.
 */
const CHECK_INTERVAL_MS = 50;

/** A trial makes the first connection of its session. */
const FIRST_ATTEMPT = 0;

/** What a worker says before its session is granted: a greeting, and some frames' reports. */
const KEPT_MESSAGES = 64;

export interface TriedPeerOptions {
  readonly sessionId: SessionId;
  readonly scheduler: Scheduler;
  readonly ice: Ice;
  readonly openPeer: OpenPeer;
  /** Whether signaling relays to and from here now. */
  readonly isRelayed: () => boolean;
  readonly request: (signal: SessionSignal) => Promise<unknown>;
  readonly listener: TriedPeerListener;
}

/** Where a connection on trial reports; nothing comes after it was handed over or closed. */
export interface TriedPeerListener {
  /** The offer is answered. */
  handleAnswered(): void;
  /** The channels are open, and the first ping is on its way. */
  handleOpen(): void;
  handlePong(roundTripMs: number): void;
  /** The path answered one of the browser's own checks; told before it is open, where the browser tells. */
  handleCheck(roundTripMs: number): void;
  handleLost(): void;
}

/**
 * A connection that may become a session's: it is measured, and what else comes over it is kept for
 * whoever takes it over.
 */
export class TriedPeer {
  readonly peer: PlayerPeer;
  readonly #options: TriedPeerOptions;
  readonly #relay: SignalRelay;
  #heir: PlayerPeerListener | undefined;
  readonly #tracks: MediaStreamTrack[] = [];
  readonly #messages: [ChannelLabel, ArrayBuffer | string][] = [];
  #open = false;
  #lost = false;
  #closed = false;
  /** Of the next ping, or the next look at the checks. */
  #cancelPing: () => void = () => {};

  constructor(options: TriedPeerOptions) {
    this.#options = options;
    const { ice, openPeer, isRelayed, request, sessionId } = options;
    this.#relay = new SignalRelay({
      isOpen: isRelayed,
      request,
      handlePayload: (payload) => this.peer.handleRemoteSignal(payload),
    });
    this.peer = openPeer(ice, {
      handleLocalSignal: (payload) => {
        if (this.#heir) {
          this.#heir.handleLocalSignal(payload);
          return;
        }
        this.#relay.send(payload);
        if (payload.kind !== 'description') return;
        options.listener.handleAnswered();
        this.#lookLater();
      },
      handleReached: () => {
        if (this.#isWaiting) void this.#lookAtChecks();
      },
      handleOpen: () => {
        this.#open = true;
        if (this.#heir) this.#heir.handleOpen();
        else this.#begin();
      },
      handleMessage: (label, data) => this.#handleMessage(label, data),
      handleTrack: (track) => {
        if (this.#heir) this.#heir.handleTrack(track);
        else this.#tracks.push(track);
      },
      // Whoever takes it over finds out by itself.
      handleSilence: () => this.#heir?.handleSilence(),
      handleRecovered: () => this.#heir?.handleRecovered(),
      handleLost: () => {
        this.#lost = true;
        this.#cancelPing();
        if (this.#heir) this.#heir.handleLost();
        else options.listener.handleLost();
      },
    });
    this.#relay.handleAttempt(sessionId, FIRST_ATTEMPT);
  }

  /** Whether pictures came before anybody could show them: the next one has to be whole. */
  get isReceiving(): boolean {
    return this.#tracks.some(({ kind, muted }) => kind === 'video' && !muted);
  }

  handleSignal(signal: SessionSignal): void {
    this.#relay.handleSignal(signal);
  }

  /** Tells the new owner of all that has come, and from now on of everything. */
  handOver(heir: PlayerPeerListener): void {
    this.#cancelPing();
    this.#heir = heir;
    for (const track of this.#tracks) heir.handleTrack(track);
    if (this.#open) heir.handleOpen();
    for (const [label, data] of this.#messages.splice(0)) heir.handleMessage(label, data);
    if (this.#lost) heir.handleLost();
  }

  close(): void {
    this.#closed = true;
    this.#cancelPing();
    this.peer.close();
  }

  #begin(): void {
    this.#cancelPing();
    this.#ping(1);
    this.#options.listener.handleOpen();
  }

  /** The browser checks the path by STUN before anything else (RFC 8445 §7.2): its round trip is there first. */
  async #lookAtChecks(): Promise<void> {
    this.#cancelPing();
    // A connection that is gone has nothing to tell.
    const report = await this.peer.getStats().catch(() => undefined);
    if (this.#isWaiting) {
      const roundTripMs = report && leastCheckMs(report);
      if (roundTripMs !== undefined) this.#options.listener.handleCheck(roundTripMs);
    }
    // What was heard may have ended the wait.
    if (this.#isWaiting) this.#lookLater();
  }

  #lookLater(): void {
    const { scheduler } = this.#options;
    this.#cancelPing();
    this.#cancelPing = scheduler.after(CHECK_INTERVAL_MS, () => this.#lookAtChecks());
  }

  get #isWaiting(): boolean {
    return !this.#open && !this.#lost && !this.#closed && this.#heir === undefined;
  }

  /** As long as it is tried: the more pings, the less of what they met on the way. */
  #ping(seq: number): void {
    const { scheduler } = this.#options;
    const clientUs = scheduler.now() * 1000;
    this.peer.send('motion', encodeMotion({ type: 'ping', seq, clientUs }));
    this.#cancelPing = scheduler.after(TRIAL_PING_INTERVAL_MS, () => this.#ping(seq + 1));
  }

  #handleMessage(label: ChannelLabel, data: ArrayBuffer | string): void {
    if (this.#heir) this.#heir.handleMessage(label, data);
    else if (!this.#isPong(label, data) && this.#messages.length < KEPT_MESSAGES) {
      this.#messages.push([label, data]);
    }
  }

  #isPong(label: ChannelLabel, data: ArrayBuffer | string): boolean {
    if (label !== 'frames' || typeof data === 'string') return false;
    try {
      const message = decodeFrameMessage(new Uint8Array(data));
      if (message.type !== 'pong') return false;
      const { scheduler, listener } = this.#options;
      listener.handlePong(scheduler.now() - message.clientUs / 1000);
      return true;
    } catch {
      // Whoever takes the connection over says what is wrong with it.
      return false;
    }
  }
}

/** Of the newest check of each pair of addresses; undefined where none was answered, or the browser does not tell. */
function leastCheckMs(report: RTCStatsReport): number | undefined {
  let leastMs: number | undefined;
  for (const entry of report.values()) {
    const { type, currentRoundTripTime } = entry as RTCIceCandidatePairStats;
    if (type !== 'candidate-pair' || currentRoundTripTime === undefined) continue;
    leastMs = Math.min(currentRoundTripTime * 1000, leastMs ?? Number.POSITIVE_INFINITY);
  }
  return leastMs;
}
