import { type ChannelLabel, PLAYOUT_DELAY_URI } from '../../protocol/channels.ts';
import type { IceCandidate, SessionDescription } from '../../protocol/session-signal.ts';
import type { MediaKind, NegotiatedStream, Peer, PeerState } from '../../server/transport/peer.ts';
import { MID_URI } from '../../server/transport/rtp-packet.ts';

/** What {@link FakePeer} negotiates unless told otherwise. */
export const FAKE_STREAMS: Record<MediaKind, NegotiatedStream> = {
  video: {
    mid: '0',
    ssrc: 0x1111_1111,
    payloadType: 96,
    rtx: { ssrc: 0x2222_2222, payloadType: 97 },
    extensions: new Map([
      [MID_URI, 1],
      [PLAYOUT_DELAY_URI, 3],
    ]),
  },
  audio: {
    mid: '1',
    ssrc: 0x3333_3333,
    payloadType: 111,
    rtx: undefined,
    extensions: new Map([[MID_URI, 1]]),
  },
};

/** A peer without a network: remembers what it was given to send. */
export class FakePeer implements Peer {
  readonly rtp: Buffer[] = [];
  readonly rtcp: Buffer[] = [];
  readonly messages: { label: ChannelLabel; data: Uint8Array | string }[] = [];
  readonly remoteCandidates: IceCandidate[] = [];
  answer: SessionDescription | undefined;
  state: PeerState = 'connecting';
  /** False makes `sendMessage` refuse, as a full buffer does. */
  acceptsMessages = true;
  readonly #streams: Partial<Record<MediaKind, NegotiatedStream>>;

  constructor(streams: Partial<Record<MediaKind, NegotiatedStream>> = FAKE_STREAMS) {
    this.#streams = streams;
  }

  async createOffer(): Promise<SessionDescription> {
    return { type: 'offer', sdp: 'v=0\r\n' };
  }

  async acceptAnswer(answer: SessionDescription): Promise<void> {
    this.answer = answer;
  }

  async addRemoteCandidate(candidate: IceCandidate): Promise<void> {
    this.remoteCandidates.push(candidate);
  }

  stream(kind: MediaKind): NegotiatedStream | undefined {
    return this.#streams[kind];
  }

  sendRtp(packet: Uint8Array): void {
    this.rtp.push(Buffer.from(packet));
  }

  sendRtcp(compound: Uint8Array): void {
    this.rtcp.push(Buffer.from(compound));
  }

  sendMessage(label: ChannelLabel, data: Uint8Array | string): boolean {
    if (this.acceptsMessages) this.messages.push({ label, data });
    return this.acceptsMessages;
  }

  async close(): Promise<void> {
    this.state = 'closed';
  }
}
