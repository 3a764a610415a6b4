/*
 * The part of RTCP a sender needs: reports and feedback in (RFC 3550 §6, RFC 4585 §6, RFC 5104
 * §4.3.1, draft-alvestrand-rmcat-remb-03), sender reports out.
 */

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const TRANSPORT_FEEDBACK = 205;
const PAYLOAD_FEEDBACK = 206;

const GENERIC_NACK = 1;
const TRANSPORT_CC = 15;
const PICTURE_LOSS = 1;
const FULL_INTRA_REQUEST = 4;
const APPLICATION_LAYER = 15;

/** Says "REMB" (draft-alvestrand-rmcat-remb-03 §2.2). */
const RECEIVER_ESTIMATE = 0x5245_4d42;

const REPORT_BLOCK_BYTES = 24;
const CNAME_ITEM = 1;

/** One report block (RFC 3550 §6.4.1). */
export interface ReportBlock {
  /** Of the stream it is about. */
  readonly ssrc: number;
  /** 0 to 1. */
  readonly fractionLost: number;
  /** Middle 32 bits of the NTP time of the last sender report; 0 where there was none. */
  readonly lastSenderReport: number;
  /** Since then, in 1/65536 s. */
  readonly delaySinceLastReport: number;
}

/** What came in. Calls never throw. */
export interface RtcpListener {
  handleReportBlock(block: ReportBlock): void;
  /**
   * Missing packets (RFC 4585 §6.2.1), as they came: up to 17 in one call keep a storm cheap.
   * @param seq the first one.
   * @param mask bit i, from the lowest on: `seq + i + 1` is missing too.
   */
  handleNack(mediaSsrc: number, seq: number, mask: number): void;
  /** PLI (RFC 4585 §6.3.1) or FIR (RFC 5104 §4.3.1). */
  handleKeyframeRequest(mediaSsrc: number): void;
  /** REMB: what the far side believes it can receive, everything together. */
  handleReceiverEstimate(bitrateBps: number): void;
  /** Transport-wide feedback from its common header on, still encoded; not kept by the caller. */
  handleTransportFeedback(packet: Uint8Array): void;
}

/**
 * Reads a compound packet as far as it is well-formed. Packets of other kinds are skipped.
 * @returns false where something was malformed; what came before it was handled.
 */
export function parseRtcp(compound: Uint8Array, listener: RtcpListener): boolean {
  const view = new DataView(compound.buffer, compound.byteOffset, compound.byteLength);
  let offset = 0;
  while (offset < compound.length) {
    if (compound.length - offset < 4) return false;
    const first = view.getUint8(offset);
    const end = offset + 4 + view.getUint16(offset + 2) * 4;
    if (first >> 6 !== 2 || end > compound.length) return false;
    const padding = first & 0x20 ? view.getUint8(end - 1) : 0;
    const bodyEnd = end - padding;
    if (bodyEnd < offset + 4 || !parsePacket(view, offset, bodyEnd, listener)) return false;
    offset = end;
  }
  return offset > 0;
}

function parsePacket(view: DataView, offset: number, end: number, listener: RtcpListener): boolean {
  const count = view.getUint8(offset) & 0x1f;
  switch (view.getUint8(offset + 1)) {
    case SENDER_REPORT:
      return parseReports(view, offset + 28, end, count, listener);
    case RECEIVER_REPORT:
      return parseReports(view, offset + 8, end, count, listener);
    case TRANSPORT_FEEDBACK:
      return parseTransportFeedback(view, offset, end, count, listener);
    case PAYLOAD_FEEDBACK:
      return parsePayloadFeedback(view, offset, end, count, listener);
    default:
      return true;
  }
}

function parseReports(
  view: DataView,
  offset: number,
  end: number,
  count: number,
  listener: RtcpListener,
): boolean {
  if (offset + count * REPORT_BLOCK_BYTES > end) return false;
  for (let i = 0; i < count; i++) {
    const at = offset + i * REPORT_BLOCK_BYTES;
    listener.handleReportBlock({
      ssrc: view.getUint32(at),
      fractionLost: view.getUint8(at + 4) / 256,
      lastSenderReport: view.getUint32(at + 16),
      delaySinceLastReport: view.getUint32(at + 20),
    });
  }
  return true;
}

function parseTransportFeedback(
  view: DataView,
  offset: number,
  end: number,
  format: number,
  listener: RtcpListener,
): boolean {
  if (end - offset < 12) return false;
  if (format === TRANSPORT_CC) {
    listener.handleTransportFeedback(
      new Uint8Array(view.buffer, view.byteOffset + offset, end - offset),
    );
  }
  if (format !== GENERIC_NACK) return true;
  if ((end - offset) % 4 !== 0) return false;
  const mediaSsrc = view.getUint32(offset + 8);
  for (let at = offset + 12; at < end; at += 4) {
    listener.handleNack(mediaSsrc, view.getUint16(at), view.getUint16(at + 2));
  }
  return true;
}

function parsePayloadFeedback(
  view: DataView,
  offset: number,
  end: number,
  format: number,
  listener: RtcpListener,
): boolean {
  if (end - offset < 12) return false;
  if (format === PICTURE_LOSS) listener.handleKeyframeRequest(view.getUint32(offset + 8));
  if (format === APPLICATION_LAYER) return parseReceiverEstimate(view, offset, end, listener);
  if (format !== FULL_INTRA_REQUEST) return true;
  for (let at = offset + 12; at + 8 <= end; at += 8) {
    listener.handleKeyframeRequest(view.getUint32(at));
  }
  return true;
}

function parseReceiverEstimate(
  view: DataView,
  offset: number,
  end: number,
  listener: RtcpListener,
): boolean {
  // Other messages of the application layer are none of a sender's business.
  if (end - offset < 16 || view.getUint32(offset + 12) !== RECEIVER_ESTIMATE) return true;
  if (end - offset < 20) return false;
  // Number of SSRCs, 6 bits of exponent, 18 bits of mantissa.
  const word = view.getUint32(offset + 16);
  listener.handleReceiverEstimate((word & 0x3ffff) * 2 ** ((word >>> 18) & 0x3f));
  return true;
}

/** Seconds in the upper, fractions in the lower 32 bits (RFC 3550 §4). */
export interface NtpTime {
  readonly seconds: number;
  readonly fraction: number;
}

/** NTP time of a monotonic clock: elapsed time, as RFC 3550 §6.4.1 allows where none is better. */
export function ntpTime(us: number): NtpTime {
  const seconds = Math.floor(us / 1e6);
  const fraction = Math.floor(((us - seconds * 1e6) * 2 ** 32) / 1e6);
  return { seconds: seconds >>> 0, fraction: fraction >>> 0 };
}

/** Middle 32 bits of an NTP time: units of 1/65536 s. */
export function compactNtp({ seconds, fraction }: NtpTime): number {
  return (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0;
}

/**
 * Round trip from a report block (RFC 3550 §6.4.1).
 * @returns milliseconds, undefined where the block answers no sender report.
 */
export function roundTripMs(block: ReportBlock, nowUs: number): number | undefined {
  if (block.lastSenderReport === 0) return undefined;
  const now = compactNtp(ntpTime(nowUs));
  const units = (now - block.lastSenderReport - block.delaySinceLastReport) | 0;
  // A little below zero is rounding; far below is nonsense from the far side.
  if (units < -65_536 / 100) return undefined;
  return (Math.max(0, units) * 1000) / 65_536;
}

export interface SenderReport {
  readonly ssrc: number;
  readonly cname: string;
  readonly nowUs: number;
  /** RTP time of the same instant. */
  readonly rtpTimestamp: number;
  readonly packets: number;
  /** Payload bytes. */
  readonly octets: number;
}

/** A sender report and the source description every compound packet must carry (RFC 3550 §6.1). */
export function writeSenderReport(report: SenderReport): Buffer {
  const name = Buffer.from(report.cname, 'utf8').subarray(0, 255);
  // Chunk: SSRC, item header, name, and one to four zero bytes up to a word (RFC 3550 §6.5).
  const chunkBytes = (4 + 2 + name.length + 4) & ~3;
  const packet = Buffer.alloc(28 + 4 + chunkBytes);
  const ntp = ntpTime(report.nowUs);
  packet[0] = 0x80;
  packet[1] = SENDER_REPORT;
  packet.writeUInt16BE(6, 2);
  packet.writeUInt32BE(report.ssrc, 4);
  packet.writeUInt32BE(ntp.seconds, 8);
  packet.writeUInt32BE(ntp.fraction, 12);
  packet.writeUInt32BE(report.rtpTimestamp, 16);
  packet.writeUInt32BE(report.packets >>> 0, 20);
  packet.writeUInt32BE(report.octets % 2 ** 32, 24);
  packet[28] = 0x81;
  packet[29] = SOURCE_DESCRIPTION;
  packet.writeUInt16BE(chunkBytes / 4, 30);
  packet.writeUInt32BE(report.ssrc, 32);
  packet[36] = CNAME_ITEM;
  packet[37] = name.length;
  name.copy(packet, 38);
  return packet;
}
