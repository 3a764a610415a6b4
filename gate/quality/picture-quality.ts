import {
  type CalibrationMark,
  decodeCalibrationMark,
  patchLuma,
} from '../../protocol/calibration-picture.ts';
import type { ValueName } from '../metrics.ts';
import { type LumaPicture, meanSquaredError, psnrDb, ssim } from './likeness.ts';

/** Draws a picture of a calibrated scene again from what its marks say: luma, BT.709 limited range. */
export type DrawSource = (
  mark: CalibrationMark,
  /** Of the patch. */
  bright: boolean,
  size: { readonly width: number; readonly height: number },
) => Uint8Array;

const BRIGHT_ABOVE = 128;
/** BT.709 limited range (ITU-R BT.709-6 §3.4): black and white of eight bits. */
const BLACK = 16;
const WHITE = 235;

/**
 * How like received pictures are to what was drawn, each joined to its source by its own frame number.
 * @returns nothing where no picture could be read.
 */
export function qualityOf(
  received: readonly LumaPicture[],
  drawSource: DrawSource,
): Partial<Record<ValueName, number>> {
  let [similarity, squared, count] = [0, 0, 0];
  for (const picture of received) {
    const { width, height, luma } = picture;
    const at = (x: number, y: number) => luma[y * width + x] ?? 0;
    const mark = decodeCalibrationMark(at, picture);
    if (!mark) continue;
    const bright = patchLuma(at, picture) > BRIGHT_ABOVE;
    const source = { width, height, luma: fullRange(drawSource(mark, bright, picture)) };
    similarity += ssim(picture, source);
    squared += meanSquaredError(picture, source);
    count++;
  }
  // The error of all pictures together: decibels of each do not add up.
  return count === 0 ? {} : { ssim: similarity / count, psnrDb: psnrDb(squared / count) };
}

function fullRange(limited: Uint8Array): Uint8Array {
  return limited.map((luma) =>
    Math.min(255, Math.max(0, Math.round(((luma - BLACK) * 255) / (WHITE - BLACK)))),
  );
}
