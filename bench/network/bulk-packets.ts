/** First bytes; beyond STUN's and below DTLS's, though nothing else shares these sockets. */
const DATA = 16;
const ACKNOWLEDGEMENT = 17;

/** A full packet of Ethernet: 1500 bytes with the headers of IP and UDP. */
const DATA_BYTES = 1472;
const ACKNOWLEDGEMENT_BYTES = 13;

/** Packets before the newest whose arrival an acknowledgement repeats. */
export const REPEATED = 64;

export function encodeData(number: number): Uint8Array {
  const packet = Buffer.alloc(DATA_BYTES);
  packet[0] = DATA;
  packet.writeUInt32BE(number, 1);
  return packet;
}

function view(packet: Uint8Array): DataView {
  return new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
}

/** The packet's number; undefined where it is none of data. */
export function decodeData(packet: Uint8Array): number | undefined {
  if (packet.byteLength !== DATA_BYTES || packet[0] !== DATA) return undefined;
  return view(packet).getUint32(1);
}

export interface Acknowledgement {
  readonly newest: number;
  /** Bit i: packet `newest − 1 − i` has arrived too. */
  readonly before: bigint;
}

export function encodeAcknowledgement({ newest, before }: Acknowledgement): Uint8Array {
  const packet = Buffer.alloc(ACKNOWLEDGEMENT_BYTES);
  packet[0] = ACKNOWLEDGEMENT;
  packet.writeUInt32BE(newest, 1);
  packet.writeBigUInt64BE(before, 5);
  return packet;
}

/** Undefined where it is no acknowledgement. */
export function decodeAcknowledgement(packet: Uint8Array): Acknowledgement | undefined {
  if (packet.byteLength !== ACKNOWLEDGEMENT_BYTES || packet[0] !== ACKNOWLEDGEMENT)
    return undefined;
  const bytes = view(packet);
  return { newest: bytes.getUint32(1), before: bytes.getBigUint64(5) };
}
