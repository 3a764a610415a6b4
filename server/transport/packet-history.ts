import type { EncodedVideo } from '../encode/video-pipeline.ts';
import { sequenceDistance } from './rtp-packet.ts';

/** A retransmission later than this cannot be shown any more: a keyframe is quicker. */
const HISTORY_US = 1_000_000;

/** A second at 50 Mbit/s, headers and repair included, is 6,500 packets. */
const CAPACITY = 8192;

/** Padding repeats these newest packets in turn: the likeliest to be missing at the far side. */
const PADDING_PACKETS = 32;

/** One packet of video on its way through the sender: queued, sent, and kept for repair. */
export interface VideoPacket {
  readonly packet: Buffer;
  /** RTP sequence number, 16 bits. */
  readonly seq: number;
  readonly keyframe: boolean;
  readonly queuedUs: number;
  /** When it left. */
  sentUs: number;
  /** When it was last sent again, or that was decided. */
  resentUs: number;
  /** It was sent again before it was known to be lost. */
  guessed: boolean;
  /** When the far side first asked for it; -Infinity: never. */
  nackedUs: number;
  /** The far side has said that it arrived. */
  arrived: boolean;
  /** The picture that is complete with this packet; undefined of all others, and once it left. */
  video: EncodedVideo | undefined;
}

/** The video packets sent in the last second, by RTP sequence number. */
export class PacketHistory {
  readonly #entries: (VideoPacket | undefined)[] = new Array(CAPACITY);
  #oldest: number | undefined;
  #newest: number | undefined;
  #padding = 0;

  /** @param sent `seq` is one more than that of the last one added. */
  add(sent: VideoPacket): void {
    this.#entries[sent.seq % CAPACITY] = sent;
    this.#newest = sent.seq;
    this.#oldest ??= sent.seq;
    this.#forget(sent.seq, sent.sentUs);
  }

  /** Whether the number is behind or at that of the last packet sent. */
  hasPassed(seq: number): boolean {
    return this.#newest !== undefined && sequenceDistance(seq, this.#newest) <= 0;
  }

  /** @returns undefined where the packet has left history, or never was in it. */
  find(seq: number, nowUs: number): VideoPacket | undefined {
    const entry = this.#entries[seq % CAPACITY];
    if (entry?.seq !== seq || nowUs - entry.sentUs > HISTORY_US) return undefined;
    return entry;
  }

  /** @returns one of the newest packets, another one at each call; undefined: there is none. */
  nextPadding(nowUs: number): VideoPacket | undefined {
    if (this.#newest === undefined) return undefined;
    const back = this.#padding % PADDING_PACKETS;
    this.#padding++;
    const entry = this.find((this.#newest - back) & 0xffff, nowUs);
    if (entry) return entry;
    this.#padding = 1;
    return this.find(this.#newest, nowUs);
  }

  /** Lets go of the memory of old packets, one or two for each one added. */
  #forget(newest: number, nowUs: number): void {
    let oldest = this.#oldest ?? newest;
    while (oldest !== newest) {
      const entry = this.#entries[oldest % CAPACITY];
      const overwritten = entry?.seq !== oldest;
      if (!overwritten && nowUs - entry.sentUs <= HISTORY_US) break;
      if (!overwritten) this.#entries[oldest % CAPACITY] = undefined;
      if (sequenceDistance(newest, oldest) <= 0) break;
      oldest = (oldest + 1) & 0xffff;
    }
    this.#oldest = oldest;
  }
}
