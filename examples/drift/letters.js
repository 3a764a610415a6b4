// An alphabet of strokes, drawn with the same light as the rest. Each pair of digits is a point: 0 to
// 4 across, 0 to 6 down; a space lifts the pen.

const STROKES = {
  A: '0602204246 0444',
  B: '06003041423303 3344453606',
  C: '4130100105163645',
  D: '06003041453606',
  E: '40000646 0333',
  F: '400006 0333',
  G: '41301001051636454323',
  H: '0006 4046 0343',
  I: '2026',
  J: '4045361605',
  K: '0006 400346',
  L: '000646',
  M: '0600234046',
  N: '06004640',
  O: '103041453616050110',
  P: '06003041423303',
  Q: '103041453616050110 3446',
  R: '06003041423303 2346',
  S: '413010010213334445361605',
  T: '0040 2026',
  U: '000516364540',
  V: '002640',
  W: '0006234640',
  X: '0046 4006',
  Y: '002340 2326',
  Z: '00400646',
  0: '103041453616050110',
  1: '112026',
  2: '01103041420646',
  3: '011030414233 1333 334445361605',
  4: '300444 3036',
  5: '400003334445361605',
  6: '4130100105163645443303',
  7: '004016',
  8: '103041423313020110 1304051636454433',
  9: '0516364541301001021343',
  '.': '2626',
  ',': '2617',
  '-': '1333',
  '+': '1333 2224',
  '×': '1335 3315',
  '·': '2323',
};

const NARROW = new Set(['I', '1', '.', ',', '·', ' ']);

/** Segments of each letter, as x, y, x, y. */
const SEGMENTS = new Map(
  Object.entries(STROKES).map(([letter, strokes]) => [
    letter,
    strokes.split(' ').flatMap(segments),
  ]),
);

function segments(stroke) {
  const points = [];
  for (let i = 0; i < stroke.length; i += 2)
    points.push([Number(stroke[i]), Number(stroke[i + 1])]);
  return points.slice(1).map(([x, y], i) => [...points[i], x, y]);
}

function width(letter, spacing) {
  return (NARROW.has(letter) ? 2 : 4) + spacing;
}

/**
 * Writes on the glass.
 * @param height of a letter. @param align 0 begins at x, 0.5 is centred on it, 1 ends there.
 */
export function write(
  sky,
  text,
  x,
  y,
  height,
  colour,
  { light = 1, align = 0, spacing = 2, weight = 0.062, glow = 0.13 } = {},
) {
  const unit = height / 6;
  let total = -spacing;
  for (const letter of text) total += width(letter, spacing);
  let left = x - total * unit * align;
  for (const letter of text) {
    const shift = NARROW.has(letter) ? -1 : 0;
    for (const [ax, ay, bx, by] of SEGMENTS.get(letter) ?? []) {
      const from = left + (ax + shift) * unit;
      const to = left + (bx + shift) * unit;
      sky.mark(
        from,
        y + ay * unit,
        to,
        y + by * unit,
        height * weight,
        height * glow,
        colour,
        light,
        1,
      );
    }
    left += width(letter, spacing) * unit;
  }
}
