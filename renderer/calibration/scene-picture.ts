import {
  CELL_BRIGHT,
  CELL_DARK,
  encodeCalibrationMark,
  GRID_COLUMNS,
  GRID_ROWS,
  PATCH_BRIGHT,
  PATCH_DARK,
  patchSize,
  STRIP_TOP,
} from '../../protocol/calibration-picture.ts';
import type { Resolution } from '../../protocol/stream-settings.ts';
import { fillRectangle, RectangleList } from './rectangle-list.ts';

export const BACKGROUND_LUMA = 72;
export const MAX_COMPLEXITY = 9;
/** About 3 Mbit/s at 720p60: work for an encoder, and little for a network. */
export const DEFAULT_COMPLEXITY = 3;
/** From this level on every cell is four, which takes several times the bits. */
const FINE_COMPLEXITY = 7;

/** Belts move at 2 to 6 units a second, every other one to the left, where so many frames are one. */
const BELT_SPEEDS = [2, 5, 3, 6, 4];
const FRAMES_PER_SECOND = 60;

/** A well-mixed 32-bit hash of three small numbers (the finalizer of MurmurHash3). */
function hash(a: number, b: number, c: number): number {
  let h = Math.imul(a, 0x9e37_79b1) ^ Math.imul(b, 0x85eb_ca77) ^ Math.imul(c, 0xc2b2_ae3d);
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** What tells one picture of a session from another. */
export interface SceneMoment {
  readonly frameNumber: number;
  readonly inputSeq: number;
  /** Of the patch. */
  readonly bright: boolean;
}

/**
 * What the measuring scene looks like. It follows from what the picture's own marks say, so that
 * whoever received one can draw it again and see what became of it on the way.
 */
export class ScenePicture {
  readonly rectangles = new RectangleList();
  readonly #nonce: number;
  #complexity = DEFAULT_COMPLEXITY;
  #size: Resolution = { width: GRID_COLUMNS, height: GRID_ROWS };

  /** @param nonce of the session, 16 bits. */
  constructor(nonce: number) {
    this.#nonce = nonce;
  }

  resize(resolution: Resolution): void {
    this.#size = resolution;
  }

  /** @param complexity 0 to {@link MAX_COMPLEXITY}. */
  compose({ frameNumber, inputSeq, bright }: SceneMoment, complexity: number): void {
    this.#complexity = complexity;
    this.rectangles.clear();
    this.#addTexture(frameNumber);
    const { width, height } = patchSize(this.#size);
    this.rectangles.add(0, 0, width, height, bright ? PATCH_BRIGHT : PATCH_DARK, 128, 128);
    this.#addStrip(frameNumber, inputSeq);
  }

  /** Rows of cells drift past; part of them exist, and part of those change in every frame. */
  #addTexture(frameNumber: number): void {
    const timeS = frameNumber / FRAMES_PER_SECOND;
    const unit = this.#size.width / GRID_COLUMNS;
    for (let row = 0; row < STRIP_TOP; row++) {
      const speed = (BELT_SPEEDS[row % BELT_SPEEDS.length] ?? 0) * (row % 2 === 0 ? 1 : -1);
      // Even pixels, so that a cell's edge is one in chroma too.
      const shift = Math.round((timeS * speed * unit) / 2) * 2;
      const first = Math.floor(shift / unit);
      for (let cell = first; cell <= first + GRID_COLUMNS; cell++) {
        const dice = hash(this.#nonce, row, cell);
        if (dice % MAX_COMPLEXITY >= this.#complexity) continue;
        const flickers = ((dice >>> 8) & 15) < this.#complexity;
        const colour = flickers ? hash(dice, frameNumber, row) : dice;
        this.#addCell(cell * unit - shift, row * unit, unit, colour);
      }
    }
  }

  #addCell(x: number, y: number, unit: number, colour: number): void {
    if (this.#complexity < FINE_COMPLEXITY) {
      this.#addTile(x, y, unit, unit, colour);
      return;
    }
    // Even pixels here too: a unit of 30 makes parts of 16 and 14.
    const near = Math.ceil(unit / 4) * 2;
    const far = unit - near;
    this.#addTile(x, y, near, near, hash(colour, 0, 0));
    this.#addTile(x + near, y, far, near, hash(colour, 1, 0));
    this.#addTile(x, y + near, near, far, hash(colour, 2, 0));
    this.#addTile(x + near, y + near, far, far, hash(colour, 3, 0));
  }

  #addTile(x: number, y: number, tileWidth: number, tileHeight: number, colour: number): void {
    const left = Math.max(0, x);
    const right = Math.min(this.#size.width, x + tileWidth);
    if (right <= left) return;
    const luma = 60 + ((colour >>> 12) & 127);
    const blue = 112 + ((colour >>> 20) & 31);
    const red = 112 + ((colour >>> 25) & 31);
    this.rectangles.add(left, y, right - left, tileHeight, luma, blue, red);
  }

  #addStrip(frameNumber: number, inputSeq: number): void {
    const { width, height } = this.#size;
    const unit = width / GRID_COLUMNS;
    const top = STRIP_TOP * unit;
    this.rectangles.add(0, top, width, height - top, CELL_DARK, 128, 128);
    const words = encodeCalibrationMark({ frameNumber, inputSeq, nonce: this.#nonce });
    for (const [row, word] of words.entries()) {
      for (let column = 0; column < GRID_COLUMNS; column++) {
        if ((word >>> (GRID_COLUMNS - 1 - column)) & 1) {
          this.rectangles.add(column * unit, top + row * unit, unit, unit, CELL_BRIGHT, 128, 128);
        }
      }
    }
  }
}

/** Luma of a picture as it was drawn, BT.709 limited range, tightly packed: at its usual busyness. */
export function sceneLuma(
  nonce: number,
  moment: SceneMoment,
  { width, height }: Resolution,
): Uint8Array {
  const picture = new ScenePicture(nonce);
  picture.resize({ width, height });
  picture.compose(moment, DEFAULT_COMPLEXITY);
  const luma = new Uint8Array(width * height).fill(BACKGROUND_LUMA);
  picture.rectangles.each((x, y, w, h, value) => fillRectangle(luma, width, x, y, w, h, value));
  return luma;
}
