/** Luma of a picture, full range, tightly packed. */
export interface LumaPicture {
  readonly width: number;
  readonly height: number;
  readonly luma: Uint8Array;
}

const PEAK = 255;

/** More than eight bits can tell apart: such pictures are the same. */
const IDENTICAL_DB = 60;

/** Wang and others 2004: constants that keep flat windows from dividing by nothing. */
const C1 = (0.01 * PEAK) ** 2;
const C2 = (0.03 * PEAK) ** 2;

/** Windows of 8 × 8 pixels, one every four: the block size that codecs err by, and half over the next. */
const WINDOW = 8;
const STEP = 4;

/** Mean of the squared differences of two pictures of one size. */
export function meanSquaredError(one: LumaPicture, other: LumaPicture): number {
  let sum = 0;
  for (let i = 0; i < one.luma.length; i++) {
    const difference = (one.luma[i] ?? 0) - (other.luma[i] ?? 0);
    sum += difference * difference;
  }
  return sum / one.luma.length;
}

/** Peak signal to noise ratio, dB; at most {@link IDENTICAL_DB}. */
export function psnrDb(meanSquared: number): number {
  if (meanSquared <= 0) return IDENTICAL_DB;
  return Math.min(IDENTICAL_DB, 10 * Math.log10((PEAK * PEAK) / meanSquared));
}

/**
 * Structural similarity of two pictures of one size: 1 where they are the same. Mean over windows.
 * @throws RangeError for pictures of different sizes, or smaller than a window.
 */
export function ssim(one: LumaPicture, other: LumaPicture): number {
  const { width, height } = one;
  if (width !== other.width || height !== other.height || width < WINDOW || height < WINDOW) {
    throw new RangeError('pictures of one size, larger than a window');
  }
  let sum = 0;
  let windows = 0;
  for (let y = 0; y + WINDOW <= height; y += STEP) {
    for (let x = 0; x + WINDOW <= width; x += STEP) {
      sum += windowSsim(one.luma, other.luma, y * width + x, width);
      windows++;
    }
  }
  return sum / windows;
}

function windowSsim(one: Uint8Array, other: Uint8Array, start: number, stride: number): number {
  let [sumA, sumB, squaresA, squaresB, products] = [0, 0, 0, 0, 0];
  for (let row = 0; row < WINDOW; row++) {
    const from = start + row * stride;
    for (let at = from; at < from + WINDOW; at++) {
      const a = one[at] ?? 0;
      const b = other[at] ?? 0;
      sumA += a;
      sumB += b;
      squaresA += a * a;
      squaresB += b * b;
      products += a * b;
    }
  }
  const count = WINDOW * WINDOW;
  const meanA = sumA / count;
  const meanB = sumB / count;
  const varianceA = squaresA / count - meanA * meanA;
  const varianceB = squaresB / count - meanB * meanB;
  const covariance = products / count - meanA * meanB;
  const means = (2 * meanA * meanB + C1) / (meanA * meanA + meanB * meanB + C1);
  return (means * (2 * covariance + C2)) / (varianceA + varianceB + C2);
}
