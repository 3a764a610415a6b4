/** The receiving side of the packetizers, written from the RFCs alone. */

export interface ParsedRtp {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly seq: number;
  readonly timestamp: number;
  readonly ssrc: number;
  /** One-byte header extensions by id (RFC 8285 §4.2). */
  readonly extensions: ReadonlyMap<number, Buffer>;
  readonly payload: Buffer;
}

export function parseRtp(packet: Uint8Array): ParsedRtp {
  const bytes = Buffer.from(packet);
  if (bytes.readUInt8(0) >> 6 !== 2) throw new Error('not RTP version 2');
  const extensions = new Map<number, Buffer>();
  let offset = 12 + (bytes.readUInt8(0) & 0x0f) * 4;
  if (bytes.readUInt8(0) & 0x10) {
    if (bytes.readUInt16BE(offset) !== 0xbede) throw new Error('not one-byte extensions');
    const end = offset + 4 + bytes.readUInt16BE(offset + 2) * 4;
    for (let at = offset + 4; at < end; ) {
      const head = bytes.readUInt8(at++);
      if (head === 0) continue;
      const length = (head & 0x0f) + 1;
      extensions.set(head >> 4, bytes.subarray(at, at + length));
      at += length;
    }
    offset = end;
  }
  const padding = bytes.readUInt8(0) & 0x20 ? bytes.readUInt8(bytes.length - 1) : 0;
  return {
    marker: (bytes.readUInt8(1) & 0x80) !== 0,
    payloadType: bytes.readUInt8(1) & 0x7f,
    seq: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    ssrc: bytes.readUInt32BE(8),
    extensions,
    payload: bytes.subarray(offset, bytes.length - padding),
  };
}

/** NAL units of one access unit from the payloads that carried it (RFC 6184 §5). */
export function depacketizeH264(payloads: readonly Buffer[]): Buffer[] {
  const nals: Buffer[] = [];
  let fragments: Buffer[] | undefined;
  for (const payload of payloads) {
    const type = payload.readUInt8(0) & 0x1f;
    if (type === 28) {
      const indicator = payload.readUInt8(0);
      const header = payload.readUInt8(1);
      if (header & 0x80) {
        if (fragments) throw new Error('a fragmented unit began inside another');
        fragments = [Buffer.from([(indicator & 0xe0) | (header & 0x1f)])];
      }
      if (!fragments) throw new Error('a fragment without its start');
      fragments.push(payload.subarray(2));
      if (header & 0x40) {
        if (header & 0x80) throw new Error('start and end in one fragment');
        nals.push(Buffer.concat(fragments));
        fragments = undefined;
      }
      continue;
    }
    if (fragments) throw new Error('a fragmented unit was left unfinished');
    if (type !== 24) {
      nals.push(payload);
      continue;
    }
    for (let at = 1; at < payload.length; ) {
      const length = payload.readUInt16BE(at);
      nals.push(payload.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  if (fragments) throw new Error('the last unit is not complete');
  return nals;
}

/** One VP8 frame and its picture ID from the payloads that carried it (RFC 7741 §4.2). */
export function depacketizeVp8(payloads: readonly Buffer[]): { frame: Buffer; pictureId: number } {
  const parts: Buffer[] = [];
  const ids = new Set<number>();
  for (const [index, payload] of payloads.entries()) {
    const descriptor = payload.readUInt8(0);
    if ((descriptor & 0x80) === 0 || (payload.readUInt8(1) & 0x80) === 0) throw new Error('no ID');
    const start = (descriptor & 0x10) !== 0;
    if (start !== (index === 0)) throw new Error('start of partition in the wrong packet');
    if ((descriptor & 0x07) !== 0) throw new Error('partition index is not 0');
    const id = payload.readUInt16BE(2);
    if ((id & 0x8000) === 0) throw new Error('picture ID has 7 bits');
    ids.add(id & 0x7fff);
    parts.push(payload.subarray(4));
  }
  const [pictureId, ...others] = ids;
  if (pictureId === undefined || others.length > 0) throw new Error('not one picture ID');
  return { frame: Buffer.concat(parts), pictureId };
}

/** NAL units of one access unit from the payloads that carried it, without DONs (RFC 7798 §4.4). */
export function depacketizeH265(payloads: readonly Buffer[]): Buffer[] {
  const nals: Buffer[] = [];
  let fragments: Buffer[] | undefined;
  for (const payload of payloads) {
    const header = payload.readUInt16BE(0);
    const type = (header >> 9) & 0x3f;
    if (type === 49) {
      const fragment = payload.readUInt8(2);
      const start = (fragment & 0x80) !== 0;
      const end = (fragment & 0x40) !== 0;
      if (start && end) throw new Error('start and end in one fragment');
      if (start !== (fragments === undefined)) throw new Error('a start in the wrong place');
      fragments ??= [Buffer.from([(payload.readUInt8(0) & 0x81) | ((fragment & 0x3f) << 1)])];
      if (start) fragments.push(payload.subarray(1, 2));
      fragments.push(payload.subarray(3));
      if (end) {
        nals.push(Buffer.concat(fragments));
        fragments = undefined;
      }
      continue;
    }
    if (fragments) throw new Error('a fragmented unit was left unfinished');
    if (type !== 48) {
      nals.push(payload);
      continue;
    }
    const aggregated: Buffer[] = [];
    for (let at = 2; at < payload.length; ) {
      const length = payload.readUInt16BE(at);
      aggregated.push(payload.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
    if (aggregated.length < 2) throw new Error('an aggregate of less than two units');
    nals.push(...aggregated);
  }
  if (fragments) throw new Error('the last unit is not complete');
  return nals;
}

/** A block of redundant sound: the frame itself is the last, at offset 0. */
export interface RedBlock {
  readonly payloadType: number;
  readonly offset: number;
  readonly data: Buffer;
}

/** Blocks of one payload of redundant sound (RFC 2198 §3), oldest first. */
export function depacketizeRed(payload: Buffer): RedBlock[] {
  const headers: { payloadType: number; offset: number; length: number }[] = [];
  let at = 0;
  while (payload.readUInt8(at) & 0x80) {
    const fields = payload.readUInt32BE(at);
    headers.push({
      payloadType: (fields >>> 24) & 0x7f,
      offset: (fields >>> 10) & 0x3fff,
      length: fields & 0x3ff,
    });
    at += 4;
  }
  const payloadType = payload.readUInt8(at++);
  const blocks = headers.map(({ length, ...header }) => {
    if (at + length > payload.length) throw new Error('a block is longer than its packet');
    const block = { ...header, data: payload.subarray(at, at + length) };
    at += length;
    return block;
  });
  return [...blocks, { payloadType, offset: 0, data: payload.subarray(at) }];
}
