import type { ChannelLabel } from '../../protocol/channels.ts';
import type { IceCandidate, IceServer, SessionDescription } from '../../protocol/session-signal.ts';
import type { VideoCodec } from '../../protocol/stream-settings.ts';

export interface PeerOptions {
  readonly codec: VideoCodec;
  readonly iceServers: readonly IceServer[];
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

/** What was negotiated for one media stream. */
export interface NegotiatedStream {
  /** Identification of its media section (RFC 8843 §15), 1 to 16 bytes. */
  readonly mid: string;
  readonly ssrc: number;
  readonly payloadType: number;
  /** RTX (RFC 4588); undefined where the far side declined it. */
  readonly rtx: { readonly ssrc: number; readonly payloadType: number } | undefined;
  /** Ids of header extensions by URI. */
  readonly extensions: ReadonlyMap<string, number>;
}

/**
 * A WebRTC connection seen from the worker: SDP and ICE in, encrypted RTP out. It keeps no packet
 * history, answers no NACK and paces nothing: that is the sender's work.
 */
export interface Peer {
  createOffer(): Promise<SessionDescription>;
  /** @throws RockpoolError `no-common-codec` or `bad-message`. */
  acceptAnswer(answer: SessionDescription): Promise<void>;
  addRemoteCandidate(candidate: IceCandidate): Promise<void>;
  /** Undefined until the answer was accepted. */
  stream(kind: MediaKind): NegotiatedStream | undefined;
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
