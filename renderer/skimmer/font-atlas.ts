import { GLYPH_HEIGHT, GLYPH_WIDTH, GLYPHS, glyphSegments, type Segment } from './glyphs.ts';

/** Texels a unit of the drawing: letters stay crisp at several times this size, being distances. */
const TEXELS_PER_UNIT = 10;
/** Cells and quads leave this much around a letter, units. */
export const GLYPH_MARGIN = 1.1;
/** How far from a stroke distances are kept, units: room for weight and shadow. */
export const DISTANCE_RANGE = 1.5;
const CELL_WIDTH = Math.round((GLYPH_WIDTH + 2 * GLYPH_MARGIN) * TEXELS_PER_UNIT);
const CELL_HEIGHT = Math.round((GLYPH_HEIGHT + 2 * GLYPH_MARGIN) * TEXELS_PER_UNIT);
const COLUMNS = 8;

export interface GlyphCell {
  /** Left, top, width, height: fractions of the atlas. */
  readonly cut: readonly [number, number, number, number];
  /** Width of the drawing, units. */
  readonly width: number;
}

/** One texture with every letter as the distance to its strokes: 255 on a stroke, 0 out of range. */
export interface FontAtlas {
  readonly width: number;
  readonly height: number;
  readonly texels: Uint8Array<ArrayBuffer>;
  readonly cells: ReadonlyMap<string, GlyphCell>;
  /** A cut that is all ink, for bars. */
  readonly solid: readonly [number, number, number, number];
}

function distanceSquared(x: number, y: number, [x0, y0, x1, y1]: Segment): number {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((x - x0) * dx + (y - y0) * dy) / length;
  const t = along < 0 ? 0 : Math.min(along, 1);
  const ex = x - x0 - t * dx;
  const ey = y - y0 - t * dy;
  return ex * ex + ey * ey;
}

export function buildFontAtlas(): FontAtlas {
  // The cell after the last letter is the solid one.
  const rows = Math.ceil((GLYPHS.length + 1) / COLUMNS);
  const width = COLUMNS * CELL_WIDTH;
  const height = rows * CELL_HEIGHT;
  const texels = new Uint8Array(width * height);
  const cells = new Map<string, GlyphCell>();
  for (const [index, character] of GLYPHS.entries()) {
    const left = (index % COLUMNS) * CELL_WIDTH;
    const top = Math.floor(index / COLUMNS) * CELL_HEIGHT;
    const segments = glyphSegments(character);
    let right = 0;
    for (const [x0, , x1] of segments) right = Math.max(right, x0, x1);
    cells.set(character, {
      cut: [
        left / width,
        top / height,
        ((right + 2 * GLYPH_MARGIN) * TEXELS_PER_UNIT) / width,
        CELL_HEIGHT / height,
      ],
      width: right,
    });
    for (let row = 0; row < CELL_HEIGHT; row++) {
      const y = (row + 0.5) / TEXELS_PER_UNIT - GLYPH_MARGIN;
      for (let column = 0; column < CELL_WIDTH; column++) {
        const x = (column + 0.5) / TEXELS_PER_UNIT - GLYPH_MARGIN;
        let nearest = DISTANCE_RANGE * DISTANCE_RANGE;
        for (const segment of segments) nearest = Math.min(nearest, distanceSquared(x, y, segment));
        texels[(top + row) * width + left + column] =
          255 * (1 - Math.sqrt(nearest) / DISTANCE_RANGE);
      }
    }
  }
  const left = (GLYPHS.length % COLUMNS) * CELL_WIDTH;
  const top = Math.floor(GLYPHS.length / COLUMNS) * CELL_HEIGHT;
  for (let row = 0; row < CELL_HEIGHT; row++) {
    texels.fill(255, (top + row) * width + left, (top + row) * width + left + CELL_WIDTH);
  }
  const solid = [(left + 8) / width, (top + 8) / height, 8 / width, 8 / height] as const;
  return { width, height, texels, cells, solid };
}
