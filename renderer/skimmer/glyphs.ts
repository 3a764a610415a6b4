/** Height of a letter in the units of its drawing; most are 4 wide. y runs down. */
export const GLYPH_HEIGHT = 6;
export const GLYPH_WIDTH = 4;

/** Strokes of a letter: lines through points written `xy`, strokes parted by a space. */
const STROKES: Readonly<Record<string, string>> = {
  A: '0602204246 0444',
  B: '00304142334445360600 0333',
  C: '4130100105163645',
  D: '00304145360600',
  E: '40000646 0333',
  F: '400006 0333',
  G: '41301001051636454323',
  H: '0006 4046 0343',
  I: '0006',
  J: '4045361605',
  K: '0006 400346',
  L: '000646',
  M: '0600234046',
  N: '06004640',
  O: '103041453616050110',
  P: '06003041423303',
  Q: '103041453616050110 2446',
  R: '06003041423303 2346',
  S: '413010010213334445361605',
  T: '0040 2026',
  U: '000516364540',
  V: '002640',
  W: '0016233640',
  X: '0046 4006',
  Y: '002340 2326',
  Z: '00400646',
  '0': '103041453616050110',
  '1': '011016',
  '2': '01103041420646',
  '3': '0110304142334445361605 1333',
  '4': '36300444',
  '5': '400003334445361605',
  '6': '4130100105163645443303',
  '7': '004016',
  '8': '103041423344453616050413020110 1333',
  '9': '0516364541301001021343',
  '+': '2125 0343',
  '-': '0333',
  '.': '0606',
  ',': '1507',
  "'": '0001',
  '!': '0003 0606',
  ':': '0202 0505',
  '/': '0640',
  '×': '0235 3205',
};

/** Start and end of a line: x, y, x, y. */
export type Segment = readonly [number, number, number, number];

/** Every character that has a drawing. */
export const GLYPHS: readonly string[] = Object.keys(STROKES);

/** The lines of a character; none where it has no drawing. */
export function glyphSegments(character: string): Segment[] {
  const segments: Segment[] = [];
  for (const stroke of (STROKES[character] ?? '').split(' ')) {
    const at = (i: number) => Number(stroke[i]);
    for (let i = 0; i + 4 <= stroke.length; i += 2) {
      segments.push([at(i), at(i + 1), at(i + 2), at(i + 3)]);
    }
  }
  return segments;
}
