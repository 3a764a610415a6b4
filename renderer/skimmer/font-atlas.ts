import { GLYPH_HEIGHT, GLYPH_WIDTH, GLYPHS, glyphSegments, type Segment } from './glyphs.ts';

/** Texels a unit of the drawing: letters stay crisp at several times this size, being distances. */
const TEXELS_PER_UNIT = 8;
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

/** Writes one letter's distances with its cell's corner at `at`. Flat numbers: this is start-up time. */
function drawGlyph(
  texels: Uint8Array,
  at: number,
  pitch: number,
  segments: readonly Segment[],
): void {
  const nearest = new Float32Array(CELL_WIDTH * CELL_HEIGHT).fill(DISTANCE_RANGE * DISTANCE_RANGE);
  for (const [x0, y0, x1, y1] of segments) {
    const dx = x1 - x0;
    const dy = y1 - y0;
    const inverse = 1 / Math.max(dx * dx + dy * dy, 1e-9);
    let i = 0;
    for (let row = 0; row < CELL_HEIGHT; row++) {
      const y = (row + 0.5) / TEXELS_PER_UNIT - GLYPH_MARGIN - y0;
      for (let column = 0; column < CELL_WIDTH; column++, i++) {
        const x = (column + 0.5) / TEXELS_PER_UNIT - GLYPH_MARGIN - x0;
        const along = (x * dx + y * dy) * inverse;
        const t = along < 0 ? 0 : along > 1 ? 1 : along;
        const ex = x - t * dx;
        const ey = y - t * dy;
        const squared = ex * ex + ey * ey;
        if (squared < (nearest[i] ?? 0)) nearest[i] = squared;
      }
    }
  }
  for (let i = 0; i < nearest.length; i++) {
    const row = Math.floor(i / CELL_WIDTH);
    const near = 1 - Math.sqrt(nearest[i] ?? 0) / DISTANCE_RANGE;
    texels[at + row * pitch + (i % CELL_WIDTH)] = 255 * near;
  }
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
    drawGlyph(texels, top * width + left, width, segments);
  }
  const left = (GLYPHS.length % COLUMNS) * CELL_WIDTH;
  const top = Math.floor(GLYPHS.length / COLUMNS) * CELL_HEIGHT;
  for (let row = 0; row < CELL_HEIGHT; row++) {
    texels.fill(255, (top + row) * width + left, (top + row) * width + left + CELL_WIDTH);
  }
  const solid = [(left + 8) / width, (top + 8) / height, 8 / width, 8 / height] as const;
  return { width, height, texels, cells, solid };
}
