import { type ChannelLabel, PLAYOUT_DELAY_URI } from '../../protocol/channels.ts';
import type { IceCandidate, SessionDescription } from '../../protocol/session-signal.ts';
import type {
  NegotiatedAudio,
  NegotiatedVideo,
  Peer,
  PeerState,
} from '../../server/transport/peer.ts';
import { MID_URI, TRANSPORT_CC_URI } from '../../server/transport/rtp-packet.ts';

export interface FakeStreams {
  readonly video: NegotiatedVideo;
  readonly audio: NegotiatedAudio;
}

/** What {@link FakePeer} negotiates unless told otherwise. */
export const FAKE_STREAMS: FakeStreams = {
  video: {
    mid: '0',
    ssrc: 0x1111_1111,
    codecs: [
      { codec: 'vp8', payloadType: 96, rtxPayloadType: 97 },
      { codec: 'h264', payloadType: 98, rtxPayloadType: 99 },
    ],
    rtxSsrc: 0x2222_2222,
    fec: undefined,
    extensions: new Map([
      [MID_URI, 1],
      [PLAYOUT_DELAY_URI, 3],
      [TRANSPORT_CC_URI, 4],
    ]),
  },
  audio: {
    mid: '1',
    ssrc: 0x3333_3333,
    payloadType: 111,
    redPayloadType: undefined,
    extensions: new Map([
      [MID_URI, 1],
      [TRANSPORT_CC_URI, 4],
    ]),
  },
};

/** A peer without a network: remembers what it was given to send. */
export class FakePeer implements Peer {
  readonly rtp: Buffer[] = [];
  readonly rtcp: Buffer[] = [];
  readonly messages: { label: ChannelLabel; data: Uint8Array | string }[] = [];
  readonly remoteCandidates: IceCandidate[] = [];
  readonly video: NegotiatedVideo | undefined;
  readonly audio: NegotiatedAudio | undefined;
  remoteAddress: string | undefined;
  answer: SessionDescription | undefined;
  state: PeerState = 'connecting';
  restarts = 0;
  /** False makes `sendMessage` refuse, as a full buffer does. */
  acceptsMessages = true;

  constructor(streams: Partial<FakeStreams> = FAKE_STREAMS) {
    this.video = streams.video;
    this.audio = streams.audio;
  }

  async createOffer(): Promise<SessionDescription> {
    return { type: 'offer', sdp: 'v=0\r\n' };
  }

  async restartIce(): Promise<SessionDescription> {
    this.restarts++;
    return { type: 'offer', sdp: `v=0\r\na=restart:${this.restarts}\r\n` };
  }

  async acceptAnswer(answer: SessionDescription): Promise<void> {
    this.answer = answer;
  }

  async addRemoteCandidate(candidate: IceCandidate): Promise<void> {
    this.remoteCandidates.push(candidate);
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
