import { CHANNELS, type ChannelLabel } from '../../../protocol/channels.ts';
import type { IceCandidate, SessionDescription } from '../../../protocol/session-signal.ts';
import { withStereo, withWholeKeyframes } from './answer-sdp.ts';
import type { PlayerPeer, PlayerPeerListener, SignalPayload } from './player-peer.ts';

/** Chromium's name for the same wish before `jitterBufferTarget`; seconds. */
type LegacyReceiver = RTCRtpReceiver & { playoutDelayHint?: number | null };

const CHANNEL_COUNT = Object.keys(CHANNELS).length;

function isChannelLabel(label: string): label is ChannelLabel {
  return Object.hasOwn(CHANNELS, label);
}

/** Browsers hold frames and sound back to smooth a jittery network. A game shows the newest. */
function holdNothing(receiver: RTCRtpReceiver): void {
  const legacy: LegacyReceiver = receiver;
  // A value that is set already changes nothing in the browser; no wish in between makes it new.
  for (const wish of [null, 0]) {
    if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = wish;
    if ('playoutDelayHint' in legacy) legacy.playoutDelayHint = wish;
  }
}

/**
 * One `RTCPeerConnection`: answers the worker's offers, takes the channels the worker opened. Each
 * offer after the first restarts ICE. A resumed session gets a new one.
 */
export class PeerSession implements PlayerPeer {
  readonly #connection: RTCPeerConnection;
  readonly #listener: PlayerPeerListener;
  readonly #channels = new Map<ChannelLabel, RTCDataChannel>();
  /** Candidates that came before the first offer. */
  #early: IceCandidate[] | undefined = [];
  /** Ends when the offers so far have been answered: each has an answer before the next is taken. */
  #answered: Promise<void> = Promise.resolve();
  #silent = false;
  #closed = false;

  constructor(connection: RTCPeerConnection, listener: PlayerPeerListener) {
    this.#connection = connection;
    this.#listener = listener;
    connection.addEventListener('icecandidate', this.#handleLocalCandidate);
    connection.addEventListener('track', this.#handleTrack);
    connection.addEventListener('datachannel', this.#handleChannel);
    connection.addEventListener('iceconnectionstatechange', this.#handleIceState);
    connection.addEventListener('connectionstatechange', this.#handleState);
  }

  handleRemoteSignal(payload: SignalPayload): void {
    if (payload.kind === 'description') {
      this.#answered = this.#answered
        .then(() => this.#answer(payload.description))
        .catch((error: unknown) => {
          if (this.#closed) return;
          console.error('The connection to the game could not be negotiated.', error);
          this.#lose();
        });
    } else if (payload.kind === 'candidate') {
      this.#addCandidate(payload.candidate);
    }
  }

  refreshPlayout(): void {
    if (this.#closed) return;
    for (const receiver of this.#connection.getReceivers()) holdNothing(receiver);
  }

  send(label: ChannelLabel, data: Uint8Array<ArrayBuffer> | string): boolean {
    const channel = this.#channels.get(label);
    if (channel?.readyState !== 'open') return false;
    // The overloads of `send` take one type each.
    if (typeof data === 'string') channel.send(data);
    else channel.send(data);
    return true;
  }

  getStats(): Promise<RTCStatsReport> {
    return this.#connection.getStats();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }

  async #answer(offer: SessionDescription): Promise<void> {
    if (this.#closed) return;
    await this.#connection.setRemoteDescription(offer);
    const answer = await this.#connection.createAnswer();
    const sdp = withWholeKeyframes(withStereo(answer.sdp ?? ''));
    await this.#connection.setLocalDescription({ type: 'answer', sdp });
    if (this.#closed) return;
    this.#listener.handleLocalSignal({ kind: 'description', description: { type: 'answer', sdp } });
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const candidate of early) this.#addCandidate(candidate);
  }

  #addCandidate(candidate: IceCandidate): void {
    if (this.#early) {
      this.#early.push(candidate);
      return;
    }
    this.#connection.addIceCandidate(candidate).catch((error: unknown) => {
      // One of a generation that an ICE restart has ended; where it mattered, nothing will arrive.
      if (!this.#closed) console.error('A network path to the game could not be used.', error);
    });
  }

  readonly #handleLocalCandidate = ({ candidate }: RTCPeerConnectionIceEvent): void => {
    // An empty candidate ends a generation (W3C WebRTC §4.8.2); the worker needs no end.
    if (this.#closed || !candidate?.candidate) return;
    const { sdpMid, sdpMLineIndex } = candidate;
    this.#listener.handleLocalSignal({
      kind: 'candidate',
      candidate: { candidate: candidate.candidate, sdpMid, sdpMLineIndex },
    });
  };

  readonly #handleTrack = ({ track, receiver }: RTCTrackEvent): void => {
    if (this.#closed) return;
    holdNothing(receiver);
    this.#listener.handleTrack(track);
  };

  readonly #handleChannel = ({ channel }: RTCDataChannelEvent): void => {
    const { label } = channel;
    if (!isChannelLabel(label)) {
      channel.close();
      return;
    }
    channel.binaryType = 'arraybuffer';
    channel.addEventListener('message', ({ data }) => {
      if (!this.#closed) this.#listener.handleMessage(label, data);
    });
    // A worker that goes away closes its channels long before ICE gives up.
    channel.addEventListener('close', () => this.#lose());
    if (channel.readyState === 'open') this.#handleChannelOpen(label, channel);
    else channel.addEventListener('open', () => this.#handleChannelOpen(label, channel));
  };

  #handleChannelOpen(label: ChannelLabel, channel: RTCDataChannel): void {
    if (this.#closed) return;
    this.#channels.set(label, channel);
    if (this.#channels.size === CHANNEL_COUNT) this.#listener.handleOpen();
  }

  readonly #handleIceState = (): void => {
    if (this.#closed || this.#connection.iceConnectionState !== 'connected') return;
    this.#listener.handleReached?.();
  };

  readonly #handleState = (): void => {
    if (this.#closed) return;
    const state = this.#connection.connectionState;
    if (state === 'failed' || state === 'closed') {
      this.#lose();
    } else if (state === 'disconnected') {
      this.#silent = true;
      this.#listener.handleSilence();
    } else if (state === 'connected' && this.#silent) {
      this.#silent = false;
      this.#listener.handleRecovered();
    }
  };

  #lose(): void {
    if (this.#closed) return;
    this.close();
    this.#listener.handleLost();
  }
}
