import { DISTANCE_RANGE, type FontAtlas, GLYPH_MARGIN, type GlyphCell } from './font-atlas.ts';
import { GLYPH_HEIGHT } from './glyphs.ts';
import { InstanceList } from './instance-list.ts';

/** Box, cut, colour, edge: see the HUD shader. */
export const MARK_FLOATS = 16;
const MAX_MARKS = 320;
/** The HUD is laid out on a picture this high, whatever its real size. */
export const HUD_HEIGHT = 720;
const LETTER_GAP = 1.55;
const SPACE = 2.2;

export type Ink = readonly [number, number, number];

export interface TextStyle {
  readonly ink: Ink;
  /** 0 to 1. */
  readonly opacity?: number;
  /** Height of a capital, layout pixels. */
  readonly size: number;
  /** Where `x` is: at the left end (0), the middle (0.5) or the right end (1). */
  readonly anchor?: number;
  /** Half the thickness of a stroke, in units of a sixth of the letter's height. */
  readonly weight?: number;
  /** How far the top leans to the right, as a fraction of the height. */
  readonly slant?: number;
  /** More room between letters, units. */
  readonly tracking?: number;
}

/** Collects the letters and bars of a frame. Coordinates are layout pixels from the top left. */
export class HudMarks {
  readonly list = new InstanceList(MAX_MARKS, MARK_FLOATS);
  /** Layout pixels. */
  width = 1280;
  readonly #atlas: FontAtlas;
  #pixelsPerUnit = 1;

  constructor(atlas: FontAtlas) {
    this.#atlas = atlas;
  }

  /** Starts a frame of this size in real pixels. */
  begin(widthPx: number, heightPx: number): void {
    this.width = (HUD_HEIGHT * widthPx) / heightPx;
    this.#pixelsPerUnit = heightPx / HUD_HEIGHT;
    this.list.clear();
  }

  /** @param y of the top of the capitals. */
  text(line: string, x: number, y: number, style: TextStyle): void {
    const unit = style.size / GLYPH_HEIGHT;
    const gap = LETTER_GAP + (style.tracking ?? 0);
    const anchor = style.anchor ?? 0;
    let at = x;
    if (anchor > 0) {
      let width = -gap;
      for (const character of line) {
        width += (this.#atlas.cells.get(character)?.width ?? SPACE) + gap;
      }
      at -= width * unit * anchor;
    }
    const weight = style.weight ?? 0.42;
    const slant = style.slant ?? 0;
    for (const character of line) {
      const cell = this.#atlas.cells.get(character);
      if (cell) this.#letter(cell, at, y, unit, weight, slant, style);
      at += ((cell?.width ?? SPACE) + gap) * unit;
    }
  }

  /** A filled box. */
  bar(x: number, y: number, width: number, height: number, ink: Ink, opacity: number): void {
    this.#put(x, y, width, height, this.#atlas.solid, ink, opacity, 0.5, 2, 0, 0);
  }

  #letter(
    cell: GlyphCell,
    x: number,
    y: number,
    unit: number,
    weight: number,
    slant: number,
    style: TextStyle,
  ): void {
    const margin = GLYPH_MARGIN * unit;
    const width = (cell.width + 2 * GLYPH_MARGIN) * unit;
    const height = (GLYPH_HEIGHT + 2 * GLYPH_MARGIN) * unit;
    const realUnit = unit * this.#pixelsPerUnit;
    // A stroke thinner than a pixel and a bit breaks up: small text gets bolder instead.
    const half = Math.max(weight, 0.62 / realUnit);
    this.#put(
      x - margin,
      y - margin,
      width,
      height,
      cell.cut,
      style.ink,
      style.opacity ?? 1,
      1 - half / DISTANCE_RANGE,
      DISTANCE_RANGE * realUnit,
      0.34,
      slant * height,
    );
  }

  #put(
    x: number,
    y: number,
    width: number,
    height: number,
    cut: readonly [number, number, number, number],
    ink: Ink,
    opacity: number,
    threshold: number,
    sharpness: number,
    shadow: number,
    slant: number,
  ): void {
    const at = this.list.claim();
    if (at < 0) return;
    const { data } = this.list;
    data[at] = x / this.width;
    data[at + 1] = y / HUD_HEIGHT;
    data[at + 2] = width / this.width;
    data[at + 3] = height / HUD_HEIGHT;
    data[at + 4] = cut[0];
    data[at + 5] = cut[1];
    data[at + 6] = cut[2];
    data[at + 7] = cut[3];
    data[at + 8] = ink[0];
    data[at + 9] = ink[1];
    data[at + 10] = ink[2];
    data[at + 11] = opacity;
    data[at + 12] = threshold;
    data[at + 13] = sharpness;
    data[at + 14] = shadow;
    data[at + 15] = slant / this.width;
  }
}
