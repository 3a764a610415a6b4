import {
  type Connection,
  MediaStream,
  type RTCDataChannel,
  RTCDtlsTransport,
  RTCPeerConnection,
  type RTCRtpTransceiver,
} from 'werift';
import { CHANNELS, type ChannelLabel } from '../../protocol/channels.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import type { IceCandidate, SessionDescription } from '../../protocol/session-signal.ts';
import type { VideoCodec } from '../../protocol/stream-settings.ts';
import type { Clock, Scheduler } from '../../renderer/clock.ts';
import { orderDtls } from './dtls-intake.ts';
import { digestible, iceOf, isNamed, withIce, withRepairStream } from './offer-answer.ts';
import { acceptedAudio, acceptedVideo } from './offered-codecs.ts';
import type {
  MediaKind,
  NegotiatedAudio,
  NegotiatedStream,
  NegotiatedVideo,
  Peer,
  PeerListener,
  PeerOptions,
  PeerState,
} from './peer.ts';
import { RawRtpHeader } from './raw-rtp-header.ts';
import { RestartableIce } from './restartable-ice.ts';
import { reassembleInbound } from './sctp-inbound.ts';
import { hastenSctp } from './sctp-start.ts';
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

/**
 * Makes the key and certificate that all connections of this process use, about 15 ms of work: a
 * warm spare worker does it before it has a session.
 */
export async function prepareCertificate(): Promise<void> {
  await RTCDtlsTransport.SetupCertificate();
}

/** {@link Peer} on werift. Media passes it by: werift does ICE, DTLS, SCTP and the ciphers. */
export class WeriftPeer implements Peer {
  readonly #codecs: readonly VideoCodec[];
  readonly #connection: RTCPeerConnection;
  readonly #ice: RestartableIce;
  readonly #listener: PeerListener;
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #transceivers: Record<MediaKind, RTCRtpTransceiver>;
  readonly #channels = new Map<ChannelLabel, RTCDataChannel>();
  readonly #transport: RTCDtlsTransport;
  readonly #header = new RawRtpHeader();
  readonly #gatherFirst: boolean;
  #state: PeerState = 'connecting';
  #video: NegotiatedVideo | undefined;
  #audio: NegotiatedAudio | undefined;
  /** As the far side has it; what a restart changes is put into it. */
  #offer = '';
  /** Of the restart that was offered last. */
  #restarting: Promise<SessionDescription> | undefined;
  #secure = false;
  #receivedUs = 0;
  #cancelSilenceCheck: (() => void) | undefined;

  /** @throws RockpoolError `bad-configuration` where the port range is too small. */
  constructor(options: PeerOptions, listener: PeerListener, clock: Clock, scheduler: Scheduler) {
    this.#codecs = options.codecs;
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
    // werift makes no other kind.
    const ice = this.#transport.iceTransport.connection as Connection;
    // Left alone werift asks a public STUN server where none is configured.
    if (this.#gatherFirst) delete ice.stunServer;
    orderDtls(this.#transport);
    const { sctpTransport } = this.#connection;
    if (sctpTransport) {
      hastenSctp(this.#transport, sctpTransport);
      reassembleInbound(sctpTransport);
    }
    this.#ice = new RestartableIce(ice, {
      gatherFirst: this.#gatherFirst,
      clock,
      scheduler,
      handleCandidate: (candidate) =>
        listener.handleLocalCandidate({
          candidate: `candidate:${candidate}`,
          sdpMid: this.#transceivers.video.mid,
          sdpMLineIndex: 0,
        }),
    });
    ice.onData.subscribe(() => this.#handleSignOfLife());
    this.#transport.onStateChange.subscribe((state) => {
      if (state === 'connected') this.#handleSecure();
      if (state === 'failed') this.#setState('failed');
      if (state === 'closed') this.#setState('closed');
    });
    this.#connection.connectionStateChange.subscribe((state) => {
      // Once there was a path, its loss is seen by silence and mended by a restart.
      if (state === 'failed' && !this.#secure) this.#setState('failed');
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
    if (this.#gatherFirst) await gathered;
    else gathered.catch(() => this.#setState('failed'));
    const sdp = (this.#gatherFirst && this.#connection.localDescription?.sdp) || offer.sdp;
    const { ssrc } = this.#transceivers.video.sender;
    this.#offer = withRepairStream(sdp, ssrc, this.#fecSsrc);
    return { type: 'offer', sdp: this.#offer };
  }

  /** Offers the same again while it is unanswered. @throws RockpoolError `bad-message`. */
  async restartIce(): Promise<SessionDescription> {
    if (!this.#secure) {
      throw new RockpoolError('bad-message', 'There is no connection yet that could be restarted.');
    }
    if (!this.#restarting || !this.#ice.unanswered) this.#restarting = this.#offerRestart();
    return this.#restarting;
  }

  async acceptAnswer(answer: SessionDescription): Promise<void> {
    if (answer.type !== 'answer' || !answer.sdp.startsWith('v=0')) {
      throw new RockpoolError('bad-message', 'A session description is expected, an answer.');
    }
    if (this.#video) {
      this.#acceptRestart(answer.sdp);
      return;
    }
    try {
      await this.#connection.setRemoteDescription({
        type: 'answer',
        sdp: digestible(answer.sdp),
      });
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      if (message.includes('negotiate codecs')) throw this.#noCommonCodec(cause);
      throw new RockpoolError('bad-message', `The answer was not understood: ${message}`, {
        cause,
      });
    }
    this.#audio = this.#negotiatedAudio();
    this.#video = this.#negotiatedVideo();
  }

  async addRemoteCandidate(candidate: IceCandidate): Promise<void> {
    // End of candidates: werift would give up there and then if it had heard of no address yet.
    if (candidate.candidate === '' || isNamed(candidate.candidate)) return;
    if (this.#ice.addRemoteCandidate(candidate.candidate)) return;
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

  get video(): NegotiatedVideo | undefined {
    return this.#video;
  }

  get audio(): NegotiatedAudio | undefined {
    return this.#audio;
  }

  get remoteAddress(): string | undefined {
    return this.#secure ? this.#ice.remoteAddress : undefined;
  }

  sendRtp(packet: Uint8Array): void {
    if (!this.#secure) return;
    const bytes = Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength);
    const payload = this.#header.read(bytes);
    if (payload) this.#ice.send(this.#transport.srtp.encrypt(payload, this.#header));
  }

  sendRtcp(compound: Uint8Array): void {
    if (!this.#secure) return;
    const bytes = Buffer.from(compound.buffer, compound.byteOffset, compound.byteLength);
    this.#ice.send(this.#transport.srtcp.encrypt(bytes));
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
    await Promise.all([this.#connection.close(), this.#ice.close()]);
  }

  async #offerRestart(): Promise<SessionDescription> {
    const ice = await this.#ice.restart();
    const sdp = withIce(this.#offer, ice, ice.generation, this.#gatherFirst);
    return { type: 'offer', sdp };
  }

  /** Codecs stay as they are: what was negotiated first goes on. */
  #acceptRestart(answer: string): void {
    const ice = this.#ice.unanswered ? iceOf(answer) : undefined;
    if (!ice) throw new RockpoolError('bad-message', 'This answer answers no offer.');
    this.#ice.answer(ice);
  }

  get #fecSsrc(): number {
    const { video, audio } = this.#transceivers;
    const taken = [video.sender.ssrc, video.sender.rtxSsrc, audio.sender.ssrc];
    let ssrc = video.sender.rtxSsrc;
    // werift drew those at random: the one behind them is as good as drawn.
    while (taken.includes(ssrc)) ssrc = (ssrc + 1) >>> 0;
    return ssrc;
  }

  #negotiatedStream(kind: MediaKind): NegotiatedStream | undefined {
    const transceiver = this.#transceivers[kind];
    if (transceiver.currentDirection === 'inactive' || transceiver.stopped) return undefined;
    const extensions = transceiver.headerExtensions.map(({ uri, id }) => [uri, id] as const);
    return {
      mid: transceiver.mid ?? '',
      ssrc: transceiver.sender.ssrc,
      // Ids that fit the one-byte form (RFC 8285 §4.2).
      extensions: new Map(extensions.filter(([, id]) => id >= 1 && id <= 14)),
    };
  }

  /** @throws RockpoolError `no-common-codec`. */
  #negotiatedVideo(): NegotiatedVideo {
    const stream = this.#negotiatedStream('video');
    const { codecs: answered, sender } = this.#transceivers.video;
    const { codecs, fecPayloadType } = acceptedVideo(this.#codecs, answered);
    const [first, ...others] = codecs;
    if (!stream || !first) throw this.#noCommonCodec();
    return {
      ...stream,
      codecs: [first, ...others],
      rtxSsrc: sender.rtxSsrc,
      fec:
        fecPayloadType === undefined
          ? undefined
          : { ssrc: this.#fecSsrc, payloadType: fecPayloadType },
    };
  }

  #negotiatedAudio(): NegotiatedAudio | undefined {
    const stream = this.#negotiatedStream('audio');
    const accepted = acceptedAudio(this.#transceivers.audio.codecs);
    return stream && accepted && { ...stream, ...accepted };
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

  #handleSecure(): void {
    const { srtcp } = this.#transport;
    const decrypt = srtcp.decrypt;
    // RTCP goes to our own sender, whole; werift gets an empty packet and so has nothing to answer.
    srtcp.decrypt = (datagram) => {
      this.#listener.handleRtcp(decrypt(datagram));
      return NOTHING;
    };
    this.#ice.start();
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
