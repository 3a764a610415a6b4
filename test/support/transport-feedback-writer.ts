/** What a receiver says of the packets from `baseSeq` on. */
export interface WrittenFeedback {
  /** 16 bits. */
  readonly baseSeq: number;
  /** Units of 64 ms; 24 bits are written. */
  readonly referenceTime: number;
  readonly feedbackCount: number;
  /** Ticks of 250 µs after the reference time; undefined: not received. */
  readonly arrivals: readonly (number | undefined)[];
}

const RUN_WORTH_WHILE = 14;

function symbolsOf(arrivals: readonly (number | undefined)[]): {
  symbols: number[];
  deltas: number[];
} {
  const symbols: number[] = [];
  const deltas: number[] = [];
  let before = 0;
  for (const arrival of arrivals) {
    if (arrival === undefined) {
      symbols.push(0);
      continue;
    }
    const delta = arrival - before;
    before = arrival;
    if (delta < -0x8000 || delta > 0x7fff) throw new RangeError(`No delta holds ${delta} ticks.`);
    symbols.push(delta >= 0 && delta <= 0xff ? 1 : 2);
    deltas.push(delta);
  }
  return { symbols, deltas };
}

function chunksOf(symbols: readonly number[]): number[] {
  const chunks: number[] = [];
  let at = 0;
  while (at < symbols.length) {
    const symbol = symbols[at] ?? 0;
    let run = 1;
    while (run < 0x1fff && symbols[at + run] === symbol) run++;
    if (run >= RUN_WORTH_WHILE || at + run === symbols.length) {
      chunks.push((symbol << 13) | run);
      at += run;
      continue;
    }
    const wide = symbols.slice(at, at + 14).includes(2);
    const held = wide ? 7 : 14;
    let chunk = wide ? 0xc000 : 0x8000;
    for (let i = 0; i < held; i++) {
      chunk |= (symbols[at + i] ?? 0) << (wide ? 12 - 2 * i : 13 - i);
    }
    chunks.push(chunk);
    at += held;
  }
  return chunks;
}

/**
 * A feedback packet as receivers write it (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1),
 * zero-padded to a word.
 */
export function writeTransportFeedback(feedback: WrittenFeedback): Buffer {
  const { symbols, deltas } = symbolsOf(feedback.arrivals);
  const chunks = chunksOf(symbols);
  const deltaBytes = symbols.reduce((sum, symbol) => sum + symbol, 0);
  const packet = Buffer.alloc((20 + chunks.length * 2 + deltaBytes + 3) & ~3);
  packet[0] = 0x8f;
  packet[1] = 205;
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  packet.writeUInt32BE(1, 4);
  packet.writeUInt32BE(2, 8);
  packet.writeUInt16BE(feedback.baseSeq, 12);
  packet.writeUInt16BE(symbols.length, 14);
  packet.writeUIntBE(feedback.referenceTime & 0xff_ffff, 16, 3);
  packet[19] = feedback.feedbackCount & 0xff;
  let offset = 20;
  for (const chunk of chunks) offset = packet.writeUInt16BE(chunk, offset);
  for (const delta of deltas) {
    const small = delta >= 0 && delta <= 0xff;
    offset = small ? packet.writeUInt8(delta, offset) : packet.writeInt16BE(delta, offset);
  }
  return packet;
}
