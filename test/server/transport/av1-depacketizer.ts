/** The receiving side of AV1 in RTP, written from its specification and that of the bitstream. */

/** One OBU without a size field: header, extension and payload. */
export type BareObu = Buffer;

function readLeb128(bytes: Buffer, at: number): { value: number; next: number } {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = bytes.readUInt8(at + i);
    value += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  throw new Error('a size of more than eight bytes');
}

export function leb128(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(bytes);
}

/** OBUs of the temporal unit that the payloads carried, and whether it begins a coded sequence. */
export function depacketizeAv1(payloads: readonly Buffer[]): {
  obus: BareObu[];
  newSequence: boolean;
} {
  const obus: Buffer[] = [];
  let unfinished: Buffer | undefined;
  let newSequence = false;
  for (const [index, payload] of payloads.entries()) {
    const header = payload.readUInt8(0);
    const continues = (header & 0b1000_0000) !== 0;
    const goesOn = (header & 0b0100_0000) !== 0;
    const count = (header & 0b0011_0000) >> 4;
    if (header & 0b0000_0111) throw new Error('a reserved bit is set');
    if (header & 0b0000_1000) {
      if (index > 0 || continues) throw new Error('a sequence begins inside a temporal unit');
      newSequence = true;
    }
    if (continues !== (unfinished !== undefined)) throw new Error('Z is not the Y before');
    const elements: Buffer[] = [];
    for (let at = 1; at < payload.length; ) {
      let end = payload.length;
      if (count === 0 || elements.length < count - 1) {
        const length = readLeb128(payload, at);
        at = length.next;
        end = at + length.value;
      }
      if (end > payload.length) throw new Error('an element is longer than its packet');
      if (end === at) throw new Error('an empty element');
      elements.push(payload.subarray(at, end));
      at = end;
    }
    if (elements.length === 0) throw new Error('a packet without elements');
    if (count > 0 && elements.length !== count) throw new Error('W does not count the elements');
    for (const [i, element] of elements.entries()) {
      const whole = Buffer.concat(unfinished ? [unfinished, element] : [element]);
      unfinished = undefined;
      if (goesOn && i === elements.length - 1) unfinished = whole;
      else obus.push(whole);
    }
  }
  if (unfinished) throw new Error('the last OBU is not complete');
  for (const obu of obus) {
    if (obu.readUInt8(0) & 0b0000_0010) throw new Error('an OBU kept its size field');
  }
  return { obus, newSequence };
}

/** The low-overhead format of OBUs, with their sizes, as decoders take them. */
export function withSizes(obus: readonly BareObu[]): Buffer {
  return Buffer.concat(
    obus.flatMap((obu) => {
      const headerBytes = obu.readUInt8(0) & 0b0000_0100 ? 2 : 1;
      const header = Buffer.from(obu.subarray(0, headerBytes));
      header.writeUInt8(header.readUInt8(0) | 0b0000_0010, 0);
      return [header, leb128(obu.length - headerBytes), obu.subarray(headerBytes)];
    }),
  );
}
