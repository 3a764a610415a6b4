/** The receiving side of FlexFEC, written from draft-ietf-payload-flexible-fec-scheme-03 §4.2, §6.3. */

import { parseRtp } from './depacketizers.ts';

export interface ParsedRepair {
  readonly protectedSsrc: number;
  /** Sequence numbers of the packets it protects. */
  readonly protectedSeqs: readonly number[];
  /** Of the FEC header: what was recovered lies in its first 8 bytes. */
  readonly header: Buffer;
  readonly body: Buffer;
}

/** Bytes of each part of a mask; each begins with its k bit. */
const MASK_PARTS = [2, 4, 8];

export function parseRepair(packet: Uint8Array): ParsedRepair {
  const { payload } = parseRtp(packet);
  if (payload.readUInt8(0) & 0xc0) throw new Error('R or F is set');
  if (payload.readUInt8(8) !== 1) throw new Error('not one protected stream');
  if (payload.readUIntBE(9, 3) !== 0) throw new Error('a reserved bit is set');
  const base = payload.readUInt16BE(16);
  const protectedSeqs: number[] = [];
  let at = 18;
  let index = 0;
  let last = false;
  for (const bytes of MASK_PARTS) {
    if (last) break;
    last = (payload.readUInt8(at) & 0x80) !== 0;
    for (let bit = 1; bit < bytes * 8; bit++, index++) {
      const set = payload.readUInt8(at + Math.floor(bit / 8)) & (0x80 >> (bit % 8));
      if (set) protectedSeqs.push((base + index) % 0x10000);
    }
    at += bytes;
  }
  if (!last) throw new Error('no k bit is set');
  return {
    protectedSsrc: payload.readUInt32BE(12),
    protectedSeqs,
    header: payload.subarray(0, at),
    body: payload.subarray(at),
  };
}

/**
 * Recovers what can be: a repair packet gives back the one packet that is missing of those it
 * protects.
 * @param received media packets, as they were protected.
 * @returns the recovered packets by sequence number.
 */
export function recover(
  received: readonly Buffer[],
  repairs: readonly Buffer[],
): Map<number, Buffer> {
  const known = new Map(received.map((packet) => [packet.readUInt16BE(2), packet]));
  const recovered = new Map<number, Buffer>();
  for (const { protectedSsrc, protectedSeqs, header, body } of repairs.map(parseRepair)) {
    const [missing, ...others] = protectedSeqs.filter((seq) => !known.has(seq));
    if (missing === undefined || others.length > 0) continue;
    const bits = Buffer.from(header.subarray(0, 8));
    const rest = Buffer.from(body);
    for (const seq of protectedSeqs) {
      const packet = known.get(seq);
      if (!packet) continue;
      const summed = Buffer.from(packet.subarray(0, 8));
      summed.writeUInt16BE(packet.length - 12, 2);
      for (const [i, byte] of summed.entries()) bits[i] = (bits[i] ?? 0) ^ byte;
      for (const [i, byte] of packet.subarray(12).entries()) rest[i] = (rest[i] ?? 0) ^ byte;
    }
    const length = bits.readUInt16BE(2);
    if (length > rest.length) throw new Error('the recovered packet is longer than its repair');
    if (rest.subarray(length).some((byte) => byte !== 0)) throw new Error('bytes were left over');
    const packet = Buffer.alloc(12 + length);
    bits.copy(packet);
    packet.writeUInt8(0x80 | (bits.readUInt8(0) & 0x3f), 0);
    packet.writeUInt16BE(missing, 2);
    packet.writeUInt32BE(protectedSsrc, 8);
    rest.copy(packet, 12, 0, length);
    recovered.set(missing, packet);
  }
  return recovered;
}
