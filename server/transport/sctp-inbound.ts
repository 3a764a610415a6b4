import type { RTCSctpTransport } from 'werift';

/** Flags of a DATA chunk (RFC 9260 §3.3.1). */
const LAST_FRAGMENT = 1;
const FIRST_FRAGMENT = 2;
const UNORDERED = 4;

/** A DATA chunk as werift parses it. */
export interface DataChunk {
  readonly flags: number;
  /** 32 bits, counts the chunks of the association. */
  readonly tsn: number;
  readonly streamId: number;
  /** 16 bits, counts the ordered messages of the stream. */
  readonly streamSeqNum: number;
  readonly protocol: number;
  readonly userData: Buffer;
}

type Message = readonly [streamId: number, protocol: number, data: Buffer];

/** What werift declares private. */
interface Association {
  readonly inboundStreams: Record<number, InboundMessages>;
  getInboundStream(streamId: number): InboundMessages;
}

/**
 * One stream's chunks until they are whole messages and their turn has come (RFC 9260 §6.5, §6.6), in
 * the shape of werift's own. That one stops after the first message whose successor came earlier, and
 * then takes what it withheld, but had acknowledged, for skipped: with a loss on one channel while
 * another is in use, a reliable channel falls silent for good.
 */
export class InboundMessages {
  /** Of the ordered message that is due. */
  streamSequenceNumber = 0;
  /** By TSN. */
  readonly #chunks: DataChunk[] = [];

  /** @param chunk not yet received. */
  addChunk(chunk: DataChunk): void {
    let at = this.#chunks.length;
    while (at > 0 && isLater(this.#chunks[at - 1]?.tsn ?? 0, chunk.tsn)) at--;
    this.#chunks.splice(at, 0, chunk);
  }

  /** Takes out all messages that are whole and due. */
  *popMessages(): Generator<Message> {
    for (let at = 0; at < this.#chunks.length; ) {
      const end = this.#endOfMessage(at);
      const first = this.#chunks[at];
      if (!first || end === undefined || !this.#isDue(first)) {
        at = end ?? at + 1;
        continue;
      }
      const parts = this.#chunks.splice(at, end - at);
      if (!(first.flags & UNORDERED)) {
        this.streamSequenceNumber = (first.streamSeqNum + 1) & 0xffff;
      }
      const [only] = parts;
      const whole = parts.length === 1 && only ? only.userData : joined(parts);
      yield [first.streamId, first.protocol, whole];
    }
  }

  /**
   * Forgets fragments of messages that the far side has given up (RFC 3758 §3.6). Whole messages stay:
   * they were acknowledged.
   * @returns bytes of payload forgotten.
   */
  pruneChunks(tsn: number): number {
    let bytes = 0;
    for (let at = 0; at < this.#chunks.length; ) {
      const chunk = this.#chunks[at];
      const end = this.#endOfMessage(at);
      if (!chunk || isLater(chunk.tsn, tsn)) break;
      if (end === undefined) {
        this.#chunks.splice(at, 1);
        bytes += chunk.userData.length;
      } else {
        at = end;
      }
    }
    return bytes;
  }

  /** Index after the last fragment of the message that begins here; undefined: it is not whole. */
  #endOfMessage(begin: number): number | undefined {
    const first = this.#chunks[begin];
    if (!first || !(first.flags & FIRST_FRAGMENT)) return undefined;
    let tsn = first.tsn;
    for (let at = begin; ; at++) {
      const chunk = this.#chunks[at];
      if (chunk?.tsn !== tsn) return undefined;
      if (chunk.flags & LAST_FRAGMENT) return at + 1;
      tsn = (tsn + 1) >>> 0;
    }
  }

  #isDue({ flags, streamSeqNum }: DataChunk): boolean {
    if (flags & UNORDERED) return true;
    return ((streamSeqNum - this.streamSequenceNumber) << 16) >> 16 <= 0;
  }
}

function joined(parts: readonly DataChunk[]): Buffer {
  return Buffer.concat(parts.map(({ userData }) => userData));
}

/** On the circle of 32-bit numbers (RFC 1982). */
function isLater(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

/** Gives an association's streams our reassembly; before anything has arrived. */
export function reassembleInbound(transport: RTCSctpTransport): void {
  const sctp = transport.sctp as unknown as Association;
  sctp.getInboundStream = (streamId) => {
    sctp.inboundStreams[streamId] ??= new InboundMessages();
    return sctp.inboundStreams[streamId];
  };
}
