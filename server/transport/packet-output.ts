import type { Clock } from '../../renderer/clock.ts';
import type { EncodedVideo } from '../encode/video-pipeline.ts';
import type { CongestionControl } from './congestion/congestion-control.ts';
import { RateWindow } from './congestion/rate-window.ts';
import type { SentPackets } from './congestion/sent-packets.ts';
import type { VideoStream } from './media-streams.ts';
import type { PacerOutlet } from './pacer.ts';
import type { VideoPacket } from './packet-history.ts';
import type { Peer } from './peer.ts';
import type { Retransmitter } from './retransmitter.ts';
import { MAX_RTP_BYTES, padRtp, rtcpWireBytes, rtpWireBytes } from './rtp-packet.ts';
import type { RtpStream } from './rtp-stream.ts';

const RATE_WINDOW_US = 1_000_000;

/** Less than this tells more of when it began than of how much it is. */
const MIN_RATE_WINDOW_US = 250_000;

/**
 * What packets of padding are made longer towards. A still picture's are tiny, and a path has other
 * costs for each: a probe of hundreds of them would find less than the path carries.
 */
const PADDED_BYTES = MAX_RTP_BYTES / 2;

/** Counts since the output was made. */
export interface PacketOutputCounters {
  /** RTP packets of every kind. */
  readonly packets: number;
  /** RTP bytes, headers included. */
  readonly bytes: number;
  readonly repairPackets: number;
  readonly paddingPackets: number;
}

export interface PacketOutputParts {
  readonly peer: Peer;
  readonly clock: Clock;
  readonly congestion: CongestionControl;
  readonly sentPackets: SentPackets;
  readonly retransmitter: Retransmitter;
  readonly video: VideoStream;
  /** The last packet of a frame has left. */
  readonly handleFrameSent: (video: EncodedVideo, sentUs: number) => void;
}

interface StampsPackets {
  readonly carriesTransportSeq: boolean;
  stampTransportSeq(packet: Buffer, seq: number): void;
}

/**
 * Where packets leave: each gets its transport-wide sequence number, is noted by all who count what
 * is sent, and goes to the peer. A NACKed packet leaves in the stream of retransmissions; where
 * there is none, exactly as before: encrypting something else under the same number would give the
 * key away (RFC 3711 §9.1).
 */
export class PacketOutput implements PacerOutlet {
  readonly #parts: PacketOutputParts;
  readonly #audioRate = new RateWindow();
  readonly #retransmissionRate = new RateWindow();
  readonly #repairRate = new RateWindow();
  readonly #totalRate = new RateWindow();
  #packets = 0;
  #bytes = 0;
  #repairPackets = 0;
  #paddingPackets = 0;

  constructor(parts: PacketOutputParts) {
    this.#parts = parts;
  }

  get counters(): PacketOutputCounters {
    return {
      packets: this.#packets,
      bytes: this.#bytes,
      repairPackets: this.#repairPackets,
      paddingPackets: this.#paddingPackets,
    };
  }

  /** Bits a second on the wire over the last second; undefined until there is a measure. */
  audioBps(nowUs: number): number | undefined {
    return this.#audioRate.bitrateBps(RATE_WINDOW_US, MIN_RATE_WINDOW_US, nowUs);
  }

  /** Bits a second on the wire over the last second, of what was lost for certain. */
  retransmissionBps(nowUs: number): number {
    return this.#retransmissionRate.bitrateBps(RATE_WINDOW_US, MIN_RATE_WINDOW_US, nowUs) ?? 0;
  }

  /** Bits a second on the wire over the last second, everything; undefined until there is a measure. */
  sentBps(nowUs: number): number | undefined {
    return this.#totalRate.bitrateBps(RATE_WINDOW_US, MIN_RATE_WINDOW_US, nowUs);
  }

  /** Share of retransmissions and error correction in all bytes of the last second, 0 to 1. */
  repairFraction(nowUs: number): number {
    const total = this.#totalRate.bitrateBps(RATE_WINDOW_US, 0, nowUs) ?? 0;
    const repair = this.#repairRate.bitrateBps(RATE_WINDOW_US, 0, nowUs) ?? 0;
    const again = this.#retransmissionRate.bitrateBps(RATE_WINDOW_US, 0, nowUs) ?? 0;
    return total > 0 ? Math.min(1, (repair + again) / total) : 0;
  }

  /** @returns bytes on the wire. */
  sendAudio(packet: Buffer, stream: RtpStream, probeId: number | undefined): number {
    stream.handleSent(packet);
    const nowUs = this.#parts.clock.nowUs();
    const bytes = this.#send(packet, stream, probeId, nowUs);
    this.#audioRate.add(bytes, nowUs);
    return bytes;
  }

  /** @returns bytes on the wire. */
  sendRtcp(compound: Buffer): number {
    const { peer, congestion, clock } = this.#parts;
    const bytes = rtcpWireBytes(compound.length);
    peer.sendRtcp(compound);
    congestion.handleSent(bytes, clock.nowUs(), false);
    return bytes;
  }

  sendVideo(sent: VideoPacket, probeId: number | undefined): void {
    const { video, clock, retransmitter, handleFrameSent } = this.#parts;
    sent.sentUs = clock.nowUs();
    video.rtp.handleSent(sent.packet);
    this.#send(sent.packet, video.rtp, probeId, sent.sentUs, sent.seq);
    retransmitter.handleSent(sent);
    const picture = sent.video;
    if (!picture) return;
    sent.video = undefined;
    // Encrypting and sending took their time: the frame has left now.
    handleFrameSent(picture, clock.nowUs());
  }

  sendRetransmission(sent: VideoPacket, probeId: number | undefined): void {
    const { video, clock } = this.#parts;
    const nowUs = clock.nowUs();
    const rtx = video.wrapForRetransmission(sent.packet);
    const bytes = rtx
      ? this.#send(rtx, video.rtp, probeId, nowUs, sent.seq)
      : this.#transmit(sent.packet, rtpWireBytes(sent.packet.length), nowUs, false);
    // A guess is paid for by what the path has to spare, and not by the picture.
    const rate = sent.guessed ? this.#repairRate : this.#retransmissionRate;
    rate.add(bytes, nowUs);
  }

  sendRepair(packet: Buffer, probeId: number | undefined): void {
    const { video, clock } = this.#parts;
    if (!video.fec) return;
    const nowUs = clock.nowUs();
    this.#repairPackets++;
    this.#repairRate.add(this.#send(packet, video.fec, probeId, nowUs), nowUs);
  }

  sendPadding(probeId: number): number {
    const { video, clock, retransmitter } = this.#parts;
    const nowUs = clock.nowUs();
    const repeated = retransmitter.nextPadding(nowUs);
    const rtx = repeated && video.wrapForRetransmission(repeated.packet);
    if (!rtx) return 0;
    repeated.resentUs = nowUs;
    this.#paddingPackets++;
    const padded = padRtp(rtx, PADDED_BYTES);
    return this.#send(padded, video.rtp, probeId, nowUs, repeated.seq);
  }

  #send(
    packet: Buffer,
    stream: StampsPackets,
    probeId: number | undefined,
    nowUs: number,
    videoSeq?: number,
  ): number {
    const bytes = rtpWireBytes(packet.length);
    if (stream.carriesTransportSeq) {
      const seq = this.#parts.sentPackets.add(bytes, nowUs, probeId, videoSeq);
      stream.stampTransportSeq(packet, seq);
    }
    return this.#transmit(packet, bytes, nowUs, stream.carriesTransportSeq);
  }

  #transmit(packet: Buffer, bytes: number, nowUs: number, reported: boolean): number {
    this.#parts.peer.sendRtp(packet);
    this.#parts.congestion.handleSent(bytes, nowUs, reported);
    this.#packets++;
    this.#bytes += packet.length;
    this.#totalRate.add(bytes, nowUs);
    return bytes;
  }
}
