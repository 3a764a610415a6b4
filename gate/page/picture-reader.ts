import { decodeCalibrationMark, patchLuma } from '../../protocol/calibration-picture.ts';
import type { Picture } from './press-tracker.ts';

/**
 * Four pixels for each of the scene's 32 × 18 units: the least that leaves clean pixels inside a
 * cell. The browser converts the whole frame anyway; a small copy keeps reading it back cheap.
 */
const SIZE = { width: 128, height: 72 };
/** The patch is near 12 or 245; one in between is neither, and proves nothing. */
const DARK_BELOW = 80;
const BRIGHT_ABOVE = 176;

/** Reads the marks of the calibration scene out of what an element shows. */
export class PictureReader {
  readonly #context: OffscreenCanvasRenderingContext2D;

  constructor() {
    const canvas = new OffscreenCanvas(SIZE.width, SIZE.height);
    const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
    if (!context) throw new Error('This browser gives no 2D canvas.');
    this.#context = context;
  }

  /** @returns undefined for a picture that is not (yet) one of the calibration scene. */
  read(element: HTMLVideoElement | HTMLCanvasElement): Omit<Picture, 'shownAtMs'> | undefined {
    const { width, height } = SIZE;
    this.#context.drawImage(element, 0, 0, width, height);
    const { data } = this.#context.getImageData(0, 0, width, height);
    // Patch and cells are grey: green is as bright as they are.
    const luma = (x: number, y: number) => data[(y * width + x) * 4 + 1] ?? 0;
    const mark = decodeCalibrationMark(luma, SIZE);
    const patch = patchLuma(luma, SIZE);
    const isNeither = patch > DARK_BELOW && patch < BRIGHT_ABOVE;
    return mark && { mark, bright: isNeither ? undefined : patch >= BRIGHT_ABOVE };
  }
}
