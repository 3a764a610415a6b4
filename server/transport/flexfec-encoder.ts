import {
  type FixedExtension,
  MID_URI,
  RtpHeaderTemplate,
  setRtpSequence,
  TRANSPORT_CC_URI,
} from './rtp-packet.ts';

/*
 * FlexFEC as browsers that offer "flexfec-03" receive it: draft-ietf-payload-flexible-fec-scheme-03
 * §4.2, flexible mask (F = 0) over one stream (R = 0, SSRCCount = 1).
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   0 |R|F|P|X|  CC   |M| PT recovery |        length recovery        |
 *   4 |                          TS recovery                          |
 *   8 |   SSRCCount   |                    reserved                   |
 *  12 |                         protected SSRC                        |
 *  16 |            SN base            |k|        mask 0 to 14         |
 *  20 |k|                     mask 15 to 45                           |  unless the first k is 1
 *  24 |k|                     mask 46 to 108, 8 bytes                 |  unless one before is 1
 */

const FIXED_RTP_HEADER_BYTES = 12;
const SSRC_COUNT_OFFSET = 8;
const PROTECTED_SSRC_OFFSET = 12;
const SN_BASE_OFFSET = 16;
const MASK_OFFSET = 18;

/** P, X and CC: what is recovered of the first byte. */
const RECOVERED_BITS = 0x3f;

/** A mask ends after one of its three parts: packets it reaches, its k bit, the header's length. */
const MASKS = [
  { reach: 15, endBit: 0, headerBytes: 20 },
  { reach: 46, endBit: 16, headerBytes: 24 },
  { reach: 109, endBit: 48, headerBytes: 32 },
] as const;

const MAX_GROUP_PACKETS = MASKS[2].reach;

/** libwebrtc keeps no more repair packets than this waiting for media (its limit for FlexFEC). */
const MAX_GROUP_REPAIRS = 48;

/** Of one-byte header extensions (RFC 8285 §4.2). */
const ONE_BYTE_PROFILE = 0xbede;

export interface FlexfecOptions {
  readonly ssrc: number;
  readonly payloadType: number;
  /** Of the media stream. */
  readonly protectedSsrc: number;
  /** Of the media section that both streams belong to. */
  readonly mid: string;
  /** Ids of header extensions by URI, as negotiated for that section. */
  readonly extensions: ReadonlyMap<string, number>;
  /** Should be random (RFC 3550 §5.1). */
  readonly firstSeq: number;
}

/**
 * Makes repair packets from a frame's media packets. Neighbours go to different repair packets, so
 * that a burst no longer than their number is recovered.
 *
 * The transport-wide sequence number is not known until a packet leaves. It is protected as 0, as
 * libwebrtc does on both sides, and so a recovered packet says 0 there. Nobody reads it: libwebrtc
 * reports the packets that arrived, and hands a recovered one straight to its stream.
 */
export class FlexfecEncoder {
  readonly #template: RtpHeaderTemplate;
  readonly #protectedSsrc: number;
  readonly #transportCcId: number | undefined;
  #seq: number;

  constructor(options: FlexfecOptions) {
    const midId = options.extensions.get(MID_URI);
    const extensions: FixedExtension[] =
      midId === undefined ? [] : [{ id: midId, payload: Buffer.from(options.mid) }];
    this.#transportCcId = options.extensions.get(TRANSPORT_CC_URI);
    this.#template = new RtpHeaderTemplate(
      options.ssrc,
      options.payloadType,
      extensions,
      this.#transportCcId,
    );
    this.#protectedSsrc = options.protectedSsrc;
    this.#seq = options.firstSeq & 0xffff;
  }

  /** A repair packet is at most this much longer than the longest packet that it protects. */
  get overheadBytes(): number {
    return this.#template.length + MASKS[2].headerBytes - FIXED_RTP_HEADER_BYTES;
  }

  get carriesTransportSeq(): boolean {
    return this.#template.carriesTransportSeq;
  }

  /** @param seq 16 bits, one count for all streams of a connection. */
  stampTransportSeq(packet: Buffer, seq: number): void {
    this.#template.stampTransportSeq(packet, seq);
  }

  /**
   * libwebrtc recovers from the last 192 media packets it has seen: of a frame larger than that, hand
   * in and send one part after the other.
   * @param media complete RTP packets of one stream, numbered without a gap; they must leave as they
   * are but for their transport-wide sequence number.
   * @param repairCount how many repair packets are wanted; there are never more than media packets.
   * @param timestamp RTP timestamp of the repair packets.
   * @returns complete RTP packets.
   */
  encode(media: readonly Buffer[], repairCount: number, timestamp: number): Buffer[] {
    const repairs: Buffer[] = [];
    // A mask reaches 109 packets: what is more is cut into groups that share the repair packets.
    const groups = Math.ceil(media.length / MAX_GROUP_PACKETS);
    let share = 0;
    for (let group = 0; group < groups; group++) {
      const start = Math.floor((group * media.length) / groups);
      const end = Math.floor(((group + 1) * media.length) / groups);
      const upTo = Math.floor(((group + 1) * repairCount) / groups);
      const count = Math.min(upTo - share, end - start, MAX_GROUP_REPAIRS);
      share = upTo;
      for (let index = 0; index < count; index++) {
        repairs.push(this.#createRepair(media, start, end, index, count, timestamp));
      }
    }
    return repairs;
  }

  /** Protects each `step`-th packet of the group, from the `first` on. */
  #createRepair(
    media: readonly Buffer[],
    start: number,
    end: number,
    first: number,
    step: number,
    timestamp: number,
  ): Buffer {
    let longest = FIXED_RTP_HEADER_BYTES;
    let reach = 0;
    for (let i = start + first; i < end; i += step) {
      longest = Math.max(longest, media[i]?.length ?? 0);
      reach = i - start + 1;
    }
    const mask = MASKS.find((one) => reach <= one.reach) ?? MASKS[2];
    const header = this.#template.length;
    const body = header + mask.headerBytes;
    const protectedBytes = longest - FIXED_RTP_HEADER_BYTES;
    const packet = this.#template.createPacket(mask.headerBytes + protectedBytes, timestamp, false);
    setRtpSequence(packet, this.#seq);
    this.#seq = (this.#seq + 1) & 0xffff;
    packet.fill(0, header);
    packet[header + SSRC_COUNT_OFFSET] = 1;
    packet.writeUInt32BE(this.#protectedSsrc, header + PROTECTED_SSRC_OFFSET);
    packet.writeUInt16BE(media[start]?.readUInt16BE(2) ?? 0, header + SN_BASE_OFFSET);
    setBit(packet, header + MASK_OFFSET, mask.endBit);
    for (let i = first; i < end - start; i += step) {
      setBit(packet, header + MASK_OFFSET, maskBit(i));
      const source = media[start + i];
      if (!source) continue;
      xorHeader(packet, header, source);
      xorBody(packet, body, source);
      this.#eraseTransportSeq(packet, body, source);
    }
    return packet;
  }

  /** Takes the number out again that was added with the rest of the packet. */
  #eraseTransportSeq(packet: Buffer, body: number, source: Buffer): void {
    const from = this.#transportCcId && findExtension(source, this.#transportCcId);
    if (!from) return;
    for (let i = from; i < from + 2; i++) {
      const at = body + i - FIXED_RTP_HEADER_BYTES;
      packet[at] = (packet[at] ?? 0) ^ (source[i] ?? 0);
    }
  }
}

/** Where the bit of the group's `index`-th packet is: behind the k bits of its and earlier parts. */
function maskBit(index: number): number {
  if (index < MASKS[0].reach) return index + 1;
  return index < MASKS[1].reach ? index + 2 : index + 3;
}

function setBit(packet: Buffer, at: number, bit: number): void {
  const byte = at + (bit >> 3);
  packet[byte] = (packet[byte] ?? 0) | (0x80 >> (bit & 7));
}

/** Adds what is recovered of the fixed header, and of the length of what follows it. */
function xorHeader(packet: Buffer, at: number, source: Buffer): void {
  packet[at] = (packet[at] ?? 0) ^ ((source[0] ?? 0) & RECOVERED_BITS);
  packet[at + 1] = (packet[at + 1] ?? 0) ^ (source[1] ?? 0);
  const length = packet.readUInt16BE(at + 2) ^ (source.length - FIXED_RTP_HEADER_BYTES);
  packet.writeUInt16BE(length, at + 2);
  packet.writeInt32BE(packet.readInt32BE(at + 4) ^ source.readInt32BE(4), at + 4);
}

/** Adds all that follows the fixed header: four bytes at once where both are aligned for it. */
function xorBody(packet: Buffer, at: number, source: Buffer): void {
  const length = source.length - FIXED_RTP_HEADER_BYTES;
  const targetStart = packet.byteOffset + at;
  const sourceStart = source.byteOffset + FIXED_RTP_HEADER_BYTES;
  let done = 0;
  if (((targetStart | sourceStart) & 3) === 0) {
    const words = length >> 2;
    const to = new Int32Array(packet.buffer, targetStart, words);
    const from = new Int32Array(source.buffer, sourceStart, words);
    for (let i = 0; i < words; i++) to[i] = (to[i] ?? 0) ^ (from[i] ?? 0);
    done = words << 2;
  }
  for (; done < length; done++) {
    const byte = source[FIXED_RTP_HEADER_BYTES + done] ?? 0;
    packet[at + done] = (packet[at + done] ?? 0) ^ byte;
  }
}

/** @returns where the payload of a one-byte header extension begins; undefined where there is none. */
function findExtension(packet: Buffer, id: number): number | undefined {
  const first = packet[0] ?? 0;
  if ((first & 0x10) === 0) return undefined;
  const start = FIXED_RTP_HEADER_BYTES + (first & 0x0f) * 4;
  if (packet.readUInt16BE(start) !== ONE_BYTE_PROFILE) return undefined;
  const end = start + 4 + packet.readUInt16BE(start + 2) * 4;
  for (let at = start + 4; at < end; ) {
    const element = packet[at++] ?? 0;
    if (element === 0) continue;
    if (element >> 4 === id) return at;
    at += (element & 0x0f) + 1;
  }
  return undefined;
}
