import type { ChannelLabel } from '../../protocol/channels.ts';
import type { IceCandidate, IceServer, SessionDescription } from '../../protocol/session-signal.ts';
import type { VideoCodec } from '../../protocol/stream-settings.ts';

export interface PeerOptions {
  /** What may be sent, in order of preference; the far side's answer leaves some of them. */
  readonly codecs: readonly VideoCodec[];
  readonly iceServers: readonly IceServer[];
  /** Connect through one of the TURN servers and in no other way. */
  readonly relayOnly: boolean;
  /** Offer loopback candidates only: the whole of Rockpool serves this machine alone. */
  readonly loopbackOnly: boolean;
  /** Addresses to offer beside the interfaces' own (a public address behind 1:1 NAT). */
  readonly extraAddresses: readonly string[];
  /** UDP ports that may be bound, inclusive; any where undefined. */
  readonly portRange: readonly [number, number] | undefined;
}

export type PeerState = 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed';

export type MediaKind = 'video' | 'audio';

/** Where a peer reports. Calls come from the event loop and never throw. */
export interface PeerListener {
  handleState(state: PeerState): void;
  handleLocalCandidate(candidate: IceCandidate): void;
  handleChannelOpen(label: ChannelLabel): void;
  /** `data` is a string for text messages. */
  handleMessage(label: ChannelLabel, data: Uint8Array | string): void;
  /** One received compound RTCP packet, decrypted, as on the wire (RFC 3550 §6.1). */
  handleRtcp(compound: Uint8Array): void;
}

/** What every negotiated media stream has. */
export interface NegotiatedStream {
  /** Identification of its media section (RFC 8843 §15), 1 to 16 bytes. */
  readonly mid: string;
  readonly ssrc: number;
  /** Ids of header extensions by URI. */
  readonly extensions: ReadonlyMap<string, number>;
}

/** Payload types of one video codec. */
export interface NegotiatedCodec {
  readonly codec: VideoCodec;
  readonly payloadType: number;
  /** Of its retransmissions (RFC 4588); undefined where the far side declined them. */
  readonly rtxPayloadType: number | undefined;
}

export interface NegotiatedVideo extends NegotiatedStream {
  /** What the far side accepted, in the order of {@link PeerOptions.codecs}; any may be sent any time. */
  readonly codecs: readonly [NegotiatedCodec, ...NegotiatedCodec[]];
  /** Of retransmissions, whatever their codec. */
  readonly rtxSsrc: number;
  /** FlexFEC-03 (draft-ietf-payload-flexible-fec-scheme-03); undefined where declined. */
  readonly fec: { readonly ssrc: number; readonly payloadType: number } | undefined;
}

export interface NegotiatedAudio extends NegotiatedStream {
  readonly payloadType: number;
  /** Redundant sound (RFC 2198); undefined where declined. */
  readonly redPayloadType: number | undefined;
}

/**
 * A WebRTC connection seen from the worker: SDP and ICE in, encrypted RTP out. It keeps no packet
 * history, answers no NACK and paces nothing: that is the sender's work.
 */
export interface Peer {
  createOffer(): Promise<SessionDescription>;
  /**
   * Offers again with new ICE credentials and candidates (RFC 8445 §2.4); media and channels go on
   * meanwhile on the path there is, if there is one.
   */
  restartIce(): Promise<SessionDescription>;
  /** One for each offer. @throws RockpoolError `no-common-codec` or `bad-message`. */
  acceptAnswer(answer: SessionDescription): Promise<void>;
  addRemoteCandidate(candidate: IceCandidate): Promise<void>;
  /** Undefined until the answer was accepted. */
  readonly video: NegotiatedVideo | undefined;
  /** Undefined until the answer was accepted, and where it wants no sound. */
  readonly audio: NegotiatedAudio | undefined;
  /** Address that media goes to; undefined until connected. A relay's where there is one. */
  readonly remoteAddress: string | undefined;
  /**
   * Encrypts and sends one RTP packet as it is (RFC 3550 §5.1 header included). Dropped silently
   * unless connected.
   */
  sendRtp(packet: Uint8Array): void;
  sendRtcp(compound: Uint8Array): void;
  /** False where the channel is not open, or its buffer is full: the message was not sent. */
  sendMessage(label: ChannelLabel, data: Uint8Array | string): boolean;
  close(): Promise<void>;
}
