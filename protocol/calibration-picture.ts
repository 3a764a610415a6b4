import type { Resolution } from './stream-settings.ts';

/*
 * The picture of the calibration scenes, on a grid of 32 × 18 square units (every resolution on
 * offer is a multiple of it; a unit is 16 pixels at 512×288, a macroblock, and 40 at 1280×720):
 *
 *   the top-left eighth    the flip patch: flat, dark or bright
 *   rows 0 to 14           moving texture
 *   rows 15 to 17          the strip: three words of 32 cells, most significant bit first
 *                            0  frame number
 *                            1  last applied input sequence number
 *                            2  nonce of the session (16 bits), CRC-16 of the ten bytes before it
 */
export const GRID_COLUMNS = 32;
export const GRID_ROWS = 18;
export const STRIP_ROWS = 3;
export const STRIP_TOP = GRID_ROWS - STRIP_ROWS;

/** Luma of the patch and the cells, BT.709 limited range: far apart, and clear of 16 and 235. */
export const PATCH_DARK = 26;
export const PATCH_BRIGHT = 226;
export const CELL_DARK = 36;
export const CELL_BRIGHT = 216;
const THRESHOLD = (CELL_DARK + CELL_BRIGHT) / 2;

/** What the strip says of a frame. */
export interface CalibrationMark {
  /** 32 bits. */
  readonly frameNumber: number;
  /** Sequence number of the last input applied before the frame was drawn, 32 bits. */
  readonly inputSeq: number;
  /** Tells one session's picture from another's, 16 bits. */
  readonly nonce: number;
}

/** Luma, 0 to 255 and limited or full range, of the pixel at whole coordinates. */
export type LumaSampler = (x: number, y: number) => number;

/** Size of the flip patch in pixels, even as chroma subsampling wants it. */
export function patchSize({ width, height }: Resolution): Resolution {
  return { width: Math.ceil(width / 16) * 2, height: Math.ceil(height / 16) * 2 };
}

/** CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xffff) of a mark as big-endian bytes. */
function checksum(words: readonly number[], nonce: number): number {
  const bytes = words.flatMap((word) => [word >>> 24, word >>> 16, word >>> 8, word]);
  bytes.push(nonce >>> 8, nonce);
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= (byte & 0xff) << 8;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : crc << 1;
    }
  }
  return crc;
}

/** The three words of the strip, top row first; bit 31 is the leftmost cell and 1 is bright. */
export function encodeCalibrationMark(mark: CalibrationMark): [number, number, number] {
  const frameNumber = mark.frameNumber >>> 0;
  const inputSeq = mark.inputSeq >>> 0;
  const nonce = mark.nonce & 0xffff;
  const crc = checksum([frameNumber, inputSeq], nonce);
  return [frameNumber, inputSeq, ((nonce << 16) | crc) >>> 0];
}

/** Mean of a cell's middle: five points, so that one bad pixel or a blurred edge changes no bit. */
function cellLuma(luma: LumaSampler, { width, height }: Resolution, x: number, y: number): number {
  const at = (dx: number, dy: number) =>
    luma(
      Math.floor(((x + 0.5 + dx) * width) / GRID_COLUMNS),
      Math.floor(((y + 0.5 + dy) * height) / GRID_ROWS),
    );
  return (at(0, 0) + at(-0.2, -0.2) + at(0.2, -0.2) + at(-0.2, 0.2) + at(0.2, 0.2)) / 5;
}

/**
 * Reads the strip of a picture of any size, such as a scaled-down screenshot.
 * @returns undefined where the checksum says that this is no calibration picture, or a damaged one.
 */
export function decodeCalibrationMark(
  luma: LumaSampler,
  size: Resolution,
): CalibrationMark | undefined {
  const word = (row: number) => {
    let bits = 0;
    for (let column = 0; column < GRID_COLUMNS; column++) {
      const bright = cellLuma(luma, size, column, STRIP_TOP + row) > THRESHOLD;
      bits = (bits << 1) | (bright ? 1 : 0);
    }
    return bits >>> 0;
  };
  const frameNumber = word(0);
  const inputSeq = word(1);
  const check = word(2);
  const nonce = check >>> 16;
  if (checksum([frameNumber, inputSeq], nonce) !== (check & 0xffff)) return undefined;
  return { frameNumber, inputSeq, nonce };
}

/** Luma of the flip patch: below 40 dark, above 215 bright. Mean of five points around its middle. */
export function patchLuma(luma: LumaSampler, size: Resolution): number {
  const { width, height } = patchSize(size);
  const at = (x: number, y: number) => luma(Math.floor(width * x), Math.floor(height * y));
  return (at(0.5, 0.5) + at(0.3, 0.3) + at(0.7, 0.3) + at(0.3, 0.7) + at(0.7, 0.7)) / 5;
}

/** Nonce of a session: its seed, mixed so that neighbouring seeds differ in many bits. */
export function calibrationNonce(seed: number): number {
  const mixed = Math.imul((seed >>> 0) ^ (seed >>> 15) ^ 0x9e37_79b9, 0x85eb_ca6b);
  return ((mixed >>> 16) ^ mixed) & 0xffff;
}
