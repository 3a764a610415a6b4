import {
  MediaStream,
  type RTCDataChannel,
  RTCDtlsTransport,
  RTCPeerConnection,
  type RTCRtpTransceiver,
} from 'werift';
import { CHANNELS, type ChannelLabel } from '../../protocol/channels.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import type { IceCandidate, SessionDescription } from '../../protocol/session-signal.ts';
import type { Clock, Scheduler } from '../../renderer/clock.ts';
import type {
  MediaKind,
  NegotiatedStream,
  Peer,
  PeerListener,
  PeerOptions,
  PeerState,
} from './peer.ts';
import { RawRtpHeader } from './raw-rtp-header.ts';
import { ignoreStrangers } from './stranger-filter.ts';
import { weriftConfiguration } from './werift-configuration.ts';

/**
 * What may wait in one data channel. A full state queues behind nothing useful, and a control
 * message is at most 16 KiB: more than this means that the far side stopped reading.
 */
const MAX_BUFFERED_BYTES = 262_144;

/** A browser reports on the media it receives every second: after this it is gone or cut off. */
const SILENCE_US = 5_000_000;
const SILENCE_CHECK_MS = 1000;

const NOTHING = Buffer.alloc(0);

/** Payload protocol, message type and unordered bit of DATA_CHANNEL_OPEN (RFC 8832 §5.1, §8). */
const DCEP = 50;
const DATA_CHANNEL_OPEN = 3;
const UNORDERED = 0x80;

/** First byte of a DTLS record (RFC 9443 §3). */
function isDtls(datagram: Buffer): boolean {
  const first = datagram[0] ?? 0;
  return first >= 20 && first <= 63;
}

/**
 * Makes the key and certificate that all connections of this process use, about 15 ms of work: a
 * warm spare worker does it before it has a session.
 */
export async function prepareCertificate(): Promise<void> {
  await RTCDtlsTransport.SetupCertificate();
}

/** {@link Peer} on werift. Media passes it by: werift does ICE, DTLS, SCTP and the ciphers. */
export class WeriftPeer implements Peer {
  readonly #connection: RTCPeerConnection;
  readonly #listener: PeerListener;
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #transceivers: Record<MediaKind, RTCRtpTransceiver>;
  readonly #channels = new Map<ChannelLabel, RTCDataChannel>();
  readonly #transport: RTCDtlsTransport;
  readonly #header = new RawRtpHeader();
  readonly #gatherFirst: boolean;
  #state: PeerState = 'connecting';
  #answered = false;
  #secure = false;
  #receivedUs = 0;
  #cancelSilenceCheck: (() => void) | undefined;

  /** @throws RockpoolError `bad-configuration` where the port range is too small. */
  constructor(options: PeerOptions, listener: PeerListener, clock: Clock, scheduler: Scheduler) {
    this.#listener = listener;
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#connection = new RTCPeerConnection(weriftConfiguration(options));
    // Without servers all candidates are known within milliseconds: the offer carries them.
    this.#gatherFirst = options.iceServers.length === 0;
    this.#transceivers = { video: this.#addMedia('video'), audio: this.#addMedia('audio') };
    this.#openChannels();
    this.#declareUnordered();
    this.#transport = this.#transceivers.video.dtlsTransport;
    const ice = this.#transport.iceTransport.connection;
    // Left alone werift asks a public STUN server where none is configured.
    if (this.#gatherFirst) delete ice.stunServer;
    this.#keepEarlyDtls();
    ice.onData.subscribe(() => this.#handleSignOfLife());
    this.#transport.onStateChange.subscribe((state) => {
      if (state === 'connected') this.#handleSecure();
      if (state === 'failed') this.#setState('failed');
      if (state === 'closed') this.#setState('closed');
    });
    this.#connection.connectionStateChange.subscribe((state) => {
      if (state === 'failed' || state === 'disconnected') this.#setState(state);
    });
    this.#connection.onIceCandidate.subscribe((candidate) => {
      if (this.#gatherFirst || !candidate?.candidate) return;
      listener.handleLocalCandidate({
        candidate: candidate.candidate,
        sdpMid: candidate.sdpMid ?? null,
        sdpMLineIndex: candidate.sdpMLineIndex ?? null,
      });
    });
  }

  async createOffer(): Promise<SessionDescription> {
    const offer = await this.#connection.createOffer();
    const gathered = this.#connection.setLocalDescription(offer);
    if (!this.#gatherFirst) {
      gathered.catch(() => this.#setState('failed'));
      return { type: 'offer', sdp: offer.sdp };
    }
    await gathered;
    return { type: 'offer', sdp: this.#connection.localDescription?.sdp ?? offer.sdp };
  }

  async acceptAnswer(answer: SessionDescription): Promise<void> {
    if (answer.type !== 'answer' || this.#answered || !answer.sdp.startsWith('v=0')) {
      throw new RockpoolError('bad-message', 'One session description is expected, an answer.');
    }
    try {
      await this.#connection.setRemoteDescription({
        type: 'answer',
        sdp: withoutNames(answer.sdp),
      });
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      if (message.includes('negotiate codecs')) throw this.#noCommonCodec(cause);
      throw new RockpoolError('bad-message', `The answer was not understood: ${message}`, {
        cause,
      });
    }
    const { video } = this.#transceivers;
    if (video.currentDirection === 'inactive' || video.stopped) throw this.#noCommonCodec();
    this.#answered = true;
  }

  async addRemoteCandidate(candidate: IceCandidate): Promise<void> {
    // End of candidates: werift would give up there and then if it had heard of no address yet.
    if (candidate.candidate === '' || isNamed(candidate.candidate)) return;
    try {
      await this.#connection.addIceCandidate({
        candidate: candidate.candidate,
        ...(candidate.sdpMid !== null && { sdpMid: candidate.sdpMid }),
        ...(candidate.sdpMLineIndex !== null && { sdpMLineIndex: candidate.sdpMLineIndex }),
      });
    } catch (cause) {
      throw new RockpoolError('bad-message', 'The ICE candidate was not understood.', { cause });
    }
  }

  stream(kind: MediaKind): NegotiatedStream | undefined {
    const transceiver = this.#transceivers[kind];
    const codec = transceiver.codecs.find(({ name }) => name.toLowerCase() !== 'rtx');
    if (!this.#answered || !codec || transceiver.currentDirection === 'inactive') return undefined;
    const rtx = transceiver.codecs.find(({ name }) => name.toLowerCase() === 'rtx');
    return {
      mid: transceiver.mid ?? '',
      ssrc: transceiver.sender.ssrc,
      payloadType: codec.payloadType,
      rtx: rtx && { ssrc: transceiver.sender.rtxSsrc, payloadType: rtx.payloadType },
      extensions: new Map(transceiver.headerExtensions.map(({ uri, id }) => [uri, id])),
    };
  }

  sendRtp(packet: Uint8Array): void {
    if (!this.#secure) return;
    const bytes = Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength);
    const payload = this.#header.read(bytes);
    if (payload) this.#sendDatagram(this.#transport.srtp.encrypt(payload, this.#header));
  }

  sendRtcp(compound: Uint8Array): void {
    if (!this.#secure) return;
    const bytes = Buffer.from(compound.buffer, compound.byteOffset, compound.byteLength);
    this.#sendDatagram(this.#transport.srtcp.encrypt(bytes));
  }

  sendMessage(label: ChannelLabel, data: Uint8Array | string): boolean {
    const channel = this.#channels.get(label);
    if (channel?.readyState !== 'open' || channel.bufferedAmount > MAX_BUFFERED_BYTES) return false;
    channel.send(
      typeof data === 'string' ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    );
    return true;
  }

  async close(): Promise<void> {
    this.#setState('closed');
    await this.#connection.close();
  }

  #addMedia(kind: MediaKind): RTCRtpTransceiver {
    // A MediaStream each: in one, the browser would hold the picture back until its sound arrives.
    return this.#connection.addTransceiver(kind, {
      direction: 'sendonly',
      streams: [new MediaStream({ id: kind })],
    });
  }

  #openChannels(): void {
    for (const label of Object.keys(CHANNELS) as ChannelLabel[]) {
      const channel = this.#connection.createDataChannel(label, { ...CHANNELS[label] });
      channel.stateChange.subscribe((state) => {
        if (state === 'open') this.#listener.handleChannelOpen(label);
      });
      channel.onMessage.subscribe((data) => this.#listener.handleMessage(label, data));
      this.#channels.set(label, channel);
    }
  }

  /**
   * werift's DATA_CHANNEL_OPEN forgets the unordered bit of a channel with limited retransmission,
   * so that the far side would hold back new states behind a lost one (RFC 8832 §5.1).
   */
  #declareUnordered(): void {
    const sctp = this.#connection.sctpTransport?.sctp;
    if (!sctp) return;
    const send = sctp.send.bind(sctp);
    sctp.send = (streamId, protocol, data, options) => {
      if (protocol === DCEP && data[0] === DATA_CHANNEL_OPEN) {
        const label = data.toString('utf8', 12, 12 + data.readUInt16BE(8));
        const ordered = this.#channels.get(label as ChannelLabel)?.ordered ?? true;
        if (!ordered) data[1] = (data[1] ?? 0) | UNORDERED;
      }
      return send(streamId, protocol, data, options);
    };
  }

  /**
   * The browser's first DTLS flight comes as soon as its side of ICE is done; werift listens only
   * once its own is, up to 20 ms later, and the browser repeats itself after 50. Keep what comes.
   */
  #keepEarlyDtls(): void {
    const transport = this.#transport;
    const ice = transport.iceTransport.connection;
    const early: Buffer[] = [];
    ice.onData.subscribe((datagram) => {
      if (transport.state === 'new' && isDtls(datagram) && early.length < 4) early.push(datagram);
    });
    transport.onStateChange.subscribe((state) => {
      if (state !== 'connecting') return;
      // werift subscribes after it has told the state, in the same turn.
      queueMicrotask(() => {
        for (const datagram of early.splice(0)) ice.onData.execute(datagram);
      });
    });
  }

  #handleSecure(): void {
    const { srtcp } = this.#transport;
    const decrypt = srtcp.decrypt;
    // RTCP goes to our own sender, whole; werift gets an empty packet and so has nothing to answer.
    srtcp.decrypt = (datagram) => {
      this.#listener.handleRtcp(decrypt(datagram));
      return NOTHING;
    };
    ignoreStrangers(this.#transport.iceTransport.connection);
    this.#secure = true;
    this.#receivedUs = this.#clock.nowUs();
    this.#watchSilence();
    this.#setState('connected');
  }

  #handleSignOfLife(): void {
    if (!this.#secure) return;
    this.#receivedUs = this.#clock.nowUs();
    if (this.#state === 'disconnected') this.#setState('connected');
  }

  #watchSilence(): void {
    this.#cancelSilenceCheck = this.#scheduler.after(SILENCE_CHECK_MS, () => {
      if (this.#clock.nowUs() - this.#receivedUs > SILENCE_US) this.#setState('disconnected');
      this.#watchSilence();
    });
  }

  #sendDatagram(datagram: Buffer): void {
    // A datagram that cannot be sent is a lost one: what matters is asked for again.
    this.#transport.iceTransport.connection.send(datagram).catch(() => {});
  }

  #setState(state: PeerState): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    if (state === 'closed' || state === 'failed') {
      this.#secure = false;
      this.#cancelSilenceCheck?.();
    }
    this.#listener.handleState(state);
  }

  #noCommonCodec(cause?: unknown): RockpoolError {
    return new RockpoolError('no-common-codec', 'The browser declined the video codec offered.', {
      cause,
    });
  }
}

/** A browser hides its address behind a name that only its own network resolves (RFC 8828 §5.2). */
function isNamed(candidate: string): boolean {
  return /\S\.local\s/.test(candidate);
}

/**
 * Leaves out candidates with mDNS names, which werift would look up for ten seconds each, and the
 * end of candidates. The browser's checks reach us all the same and make its address known.
 */
function withoutNames(sdp: string): string {
  return sdp
    .split('\r\n')
    .filter((line) => line !== 'a=end-of-candidates')
    .filter((line) => !(line.startsWith('a=candidate:') && isNamed(line)))
    .join('\r\n');
}
