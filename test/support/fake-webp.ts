/** Bytes that begin as a WebP does (RFC 9649 §2.4) and differ by `seed`. */
export function fakeWebp(seed: number, byteLength = 64): Uint8Array {
  const bytes = Buffer.alloc(byteLength, seed);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(byteLength - 8, 4);
  bytes.write('WEBP', 8, 'latin1');
  return bytes;
}
