import type { Packetizer, PayloadSink } from './payload-sink.ts';

/*
 * Sections named here are of the "RTP Payload Format For AV1", version 1.0, unless they are said to
 * be of the AV1 bitstream specification.
 */

/** Fields of the OBU header (AV1 §5.3.2). */
const OBU_FORBIDDEN = 0x80;
const OBU_HAS_EXTENSION = 0x04;
const OBU_HAS_SIZE = 0x02;

/** OBU types (AV1 §6.2.2). */
const SEQUENCE_HEADER = 1;
const TEMPORAL_DELIMITER = 2;
const TILE_LIST = 8;
const PADDING = 15;

/** Longest a size may be written (AV1 §4.10.5). */
const MAX_LEB128_BYTES = 8;

/** The aggregation header (§4.4). */
const AGGREGATION_HEADER_BYTES = 1;
const FIRST_CONTINUES = 0x80;
const LAST_CONTINUES = 0x40;
const COUNT_SHIFT = 4;
const NEW_SEQUENCE = 0x08;

/** More elements than the two bits of W count: W is then 0 and the last one too has its length. */
const MAX_COUNTED_ELEMENTS = 3;

/**
 * An OBU is not begun in what is left of a packet for less than this: it would cost a length and
 * carry next to nothing, and some receivers want an OBU's header whole.
 */
const MIN_FRAGMENT_BYTES = 8;

/** An OBU as it travels: its header, without a size, and its payload. */
interface Obu {
  readonly type: number;
  /** Where it begins in the temporal unit. */
  readonly start: number;
  /** 1, or 2 with an extension. */
  readonly headerBytes: number;
  readonly payloadStart: number;
  /** Header and payload. */
  readonly length: number;
}

/** A part of an OBU, which one packet carries. */
interface Element {
  readonly obu: Obu;
  readonly from: number;
  readonly to: number;
}

/**
 * AV1 in RTP: one temporal unit of low-overhead OBUs (AV1 §5.2) into as few packets as carry it, of
 * about the same size. Where it can, a packet ends inside an OBU: its Y bit then says that the
 * frame goes on, which receivers without a dependency descriptor take for its extent.
 */
export class Av1Packetizer implements Packetizer {
  packetize(frame: Uint8Array, sink: PayloadSink): void {
    const obus = findObus(frame);
    const plan = planPackets(obus, sink.maxPayloadBytes);
    const newSequence = obus.some(({ type }) => type === SEQUENCE_HEADER);
    for (const [index, elements] of plan.entries()) {
      const flags = index === 0 && newSequence ? NEW_SEQUENCE : 0;
      writePacket(frame, elements, flags, sink, index === plan.length - 1);
    }
  }
}

/** OBUs of a temporal unit, without those that are not to be sent (§5); ends where they are broken. */
function findObus(unit: Uint8Array): Obu[] {
  const obus: Obu[] = [];
  for (let start = 0; start < unit.length; ) {
    const header = unit[start] ?? 0;
    const type = (header >> 3) & 0x0f;
    const headerBytes = header & OBU_HAS_EXTENSION ? 2 : 1;
    let payloadStart = start + headerBytes;
    let end = unit.length;
    if (header & OBU_HAS_SIZE) {
      let size = 0;
      let more = true;
      for (let i = 0; more && i < MAX_LEB128_BYTES; i++) {
        const byte = unit[payloadStart++] ?? 0;
        size += (byte & 0x7f) * 2 ** (7 * i);
        more = (byte & 0x80) !== 0;
      }
      end = payloadStart + size;
    }
    if (header & OBU_FORBIDDEN || payloadStart > end || end > unit.length) break;
    if (type !== TEMPORAL_DELIMITER && type !== TILE_LIST && type !== PADDING) {
      const length = headerBytes + end - payloadStart;
      obus.push({ type, start, headerBytes, payloadStart, length });
    }
    start = end;
  }
  return obus;
}

/** As few packets as hold the OBUs, and of these plans the one whose largest packet is smallest. */
function planPackets(obus: readonly Obu[], maxBytes: number): Element[][] {
  let plan = fillPackets(obus, maxBytes);
  const packets = plan.length;
  if (packets < 2) return plan;
  const bytes = obus.reduce((sum, { length }) => sum + length, 0);
  let tooSmall = AGGREGATION_HEADER_BYTES + Math.ceil(bytes / packets) - 1;
  let enough = maxBytes;
  // The least there can be is tried first: with a single OBU, which most frames are, it is enough.
  for (let limit = tooSmall + 1; tooSmall + 1 < enough; limit = (tooSmall + enough) >> 1) {
    const smaller = fillPackets(obus, limit);
    if (smaller.length > packets) {
      tooSmall = limit;
    } else {
      enough = limit;
      plan = smaller;
    }
  }
  return plan;
}

/** Fills packets of at most `maxBytes` one after the other. */
function fillPackets(obus: readonly Obu[], maxBytes: number): Element[][] {
  const packets: Element[][] = [];
  let index = 0;
  let from = 0;
  while (index < obus.length) {
    const elements: Element[] = [];
    let bytes = AGGREGATION_HEADER_BYTES;
    for (let obu = obus[index]; obu; obu = obus[index]) {
      const room = maxBytes - bytes;
      const most = elements.length < MAX_COUNTED_ELEMENTS ? room : mostWithLength(room);
      const whole = obu.length - from <= most;
      if (!whole && elements.length > 0 && most < MIN_FRAGMENT_BYTES) break;
      const to = whole ? obu.length : from + most;
      elements.push({ obu, from, to });
      bytes += leb128Bytes(to - from) + to - from;
      from = whole ? 0 : to;
      if (!whole) break;
      index++;
    }
    const last = elements.at(-1);
    if (from === 0 && index < obus.length && last && last.to - last.from > 1) {
      // The packet would end where an OBU does: its last byte goes with the next one.
      from = last.to - 1;
      index--;
      elements[elements.length - 1] = { ...last, to: from };
    }
    packets.push(elements);
  }
  return packets;
}

function writePacket(
  frame: Uint8Array,
  elements: readonly Element[],
  flags: number,
  sink: PayloadSink,
  last: boolean,
): void {
  const counted = elements.length <= MAX_COUNTED_ELEMENTS;
  const unmeasured = counted ? elements.length - 1 : -1;
  let bytes = AGGREGATION_HEADER_BYTES;
  for (const [i, { from, to }] of elements.entries()) {
    bytes += to - from + (i === unmeasured ? 0 : leb128Bytes(to - from));
  }
  const packet = sink.createPacket(bytes, last);
  const first = elements[0];
  const final = elements.at(-1);
  let at = sink.payloadOffset;
  packet[at++] =
    (first && first.from > 0 ? FIRST_CONTINUES : 0) |
    (final && final.to < final.obu.length ? LAST_CONTINUES : 0) |
    (counted ? elements.length << COUNT_SHIFT : 0) |
    flags;
  for (const [i, element] of elements.entries()) {
    if (i !== unmeasured) at = writeLeb128(packet, at, element.to - element.from);
    at = writeElement(packet, at, frame, element);
  }
}

function writeElement(packet: Buffer, at: number, frame: Uint8Array, element: Element): number {
  const { obu, from, to } = element;
  let offset = from;
  let next = at;
  for (; offset < Math.min(to, obu.headerBytes); offset++) {
    const byte = frame[obu.start + offset] ?? 0;
    // Lengths of elements say it already (§4.5).
    packet[next++] = offset === 0 ? byte & ~OBU_HAS_SIZE : byte;
  }
  const toFrame = obu.payloadStart - obu.headerBytes;
  packet.set(frame.subarray(toFrame + offset, toFrame + to), next);
  return next + to - offset;
}

/** How long an element may be that shares `room` with its length; for packets below 16 KB. */
function mostWithLength(room: number): number {
  return room <= 0x80 ? room - 1 : room - 2;
}

function leb128Bytes(value: number): number {
  return value < 0x80 ? 1 : 2;
}

/** @returns where the next byte goes. */
function writeLeb128(packet: Buffer, at: number, value: number): number {
  let next = at;
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) packet[next++] = 0x80 | (rest & 0x7f);
  packet[next++] = rest;
  return next;
}
