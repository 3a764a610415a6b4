import type { RawPicture } from '../../renderer/cover.ts';

/** A grid of places that are looked at: enough to tell a menu from a colour. */
const COLUMNS = 32;
const ROWS = 18;
const PLANES = 3;

/** What a codec, a gradient or noise makes of one colour. */
const SAME_COLOUR = 6;

/** Between two pictures that look alike, on average a sample: a clock that ticks, a light that blinks. */
const SAME_PICTURE = 0.5;

/** A few of a picture's samples, of each colour plane in the same places. */
export function samplesOf(picture: RawPicture): Uint8Array {
  const samples = new Uint8Array(COLUMNS * ROWS * PLANES);
  const sample = picture.format === 'i420' ? i420Sample : rgbaSample;
  let at = 0;
  for (let plane = 0; plane < PLANES; plane++) {
    for (let row = 0; row < ROWS; row++) {
      const y = Math.floor(((row + 0.5) * picture.height) / ROWS);
      for (let column = 0; column < COLUMNS; column++) {
        const x = Math.floor(((column + 0.5) * picture.width) / COLUMNS);
        samples[at++] = sample(picture, plane, x, y);
      }
    }
  }
  return samples;
}

/** Whether there is nothing but one colour to be seen. */
export function isPlain(samples: Uint8Array): boolean {
  const each = COLUMNS * ROWS;
  for (let plane = 0; plane < PLANES; plane++) {
    let least = 255;
    let most = 0;
    for (let at = plane * each; at < (plane + 1) * each; at++) {
      const value = samples[at] ?? 0;
      if (value < least) least = value;
      if (value > most) most = value;
    }
    if (most - least > SAME_COLOUR) return false;
  }
  return true;
}

export function looksAlike(one: Uint8Array, other: Uint8Array): boolean {
  let difference = 0;
  for (let at = 0; at < one.length; at++) difference += Math.abs((one[at] ?? 0) - (other[at] ?? 0));
  return difference <= SAME_PICTURE * one.length;
}

function i420Sample(
  { pixels, width, height }: RawPicture,
  plane: number,
  x: number,
  y: number,
): number {
  if (plane === 0) return pixels[y * width + x] ?? 0;
  const chroma = (width / 2) * (height / 2);
  const start = width * height + (plane - 1) * chroma;
  return pixels[start + (y >> 1) * (width / 2) + (x >> 1)] ?? 0;
}

function rgbaSample({ pixels, width }: RawPicture, plane: number, x: number, y: number): number {
  return pixels[(y * width + x) * 4 + plane] ?? 0;
}
