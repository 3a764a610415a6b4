import { describe, expect, it } from 'vitest';
import { buildFontAtlas } from '../../../renderer/skimmer/font-atlas.ts';
import { GLYPHS, glyphSegments } from '../../../renderer/skimmer/glyphs.ts';

describe('the font', () => {
  it('draws every letter and digit with strokes inside its cell', () => {
    for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789') {
      const segments = glyphSegments(character);
      expect(segments.length).toBeGreaterThan(0);
      for (const [x0, y0, x1, y1] of segments) {
        for (const x of [x0, x1]) expect(x >= 0 && x <= 4).toBe(true);
        for (const y of [y0, y1]) expect(y >= 0 && y <= 7).toBe(true);
      }
    }
  });

  it('draws no two characters alike', () => {
    const alike = new Set(GLYPHS.map((c) => JSON.stringify(glyphSegments(c))));
    // The letter O and the digit 0 share their drawing.
    expect(alike.size).toBe(GLYPHS.length - 1);
  });

  it('puts ink in every cell and keeps its edges empty', () => {
    const { cells, texels, width, height } = buildFontAtlas();
    for (const [left, top, w, h] of [...cells.values()].map(({ cut }) => cut)) {
      const x0 = Math.round(left * width);
      const y0 = Math.round(top * height);
      const columns = Math.floor(w * width);
      const rows = Math.floor(h * height);
      let most = 0;
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++)
          most = Math.max(most, texels[(y0 + y) * width + x0 + x] ?? 0);
      }
      expect(most).toBeGreaterThan(240);
      // Half-way to the range is the outermost shadow: the top row must be lighter than that.
      for (let x = 0; x < columns; x++) expect(texels[y0 * width + x0 + x]).toBeLessThan(90);
    }
  });
});
