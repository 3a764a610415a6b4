const START_CODE = [0, 0, 0, 1];
/**
 * A type of NAL unit that is reserved: decoders pass over it (ITU-T H.264 §7.4.1). Filler data proper
 * would not even be sent.
 */
const RESERVED = 22;
const FILLER = 0xff;
/** The bit that ends a unit (ITU-T H.264 §7.3.2.11). */
const TRAILING = 0x80;
const LEAST_BYTES = START_CODE.length + 2;

/**
 * An H.264 access unit brought to a size by what decoders pass over: the transport has all the bytes
 * to carry, and the far side little to decode.
 * @param frame Annex B.
 * @returns the frame itself where there is no room for filler.
 */
export function withFiller(frame: Uint8Array, bytes: number): Uint8Array {
  if (bytes - frame.length < LEAST_BYTES) return frame;
  const filled = new Uint8Array(bytes).fill(FILLER);
  filled.set(frame);
  filled.set([...START_CODE, RESERVED], frame.length);
  filled[bytes - 1] = TRAILING;
  return filled;
}
