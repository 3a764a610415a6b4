/** 16-bit numbers of one rectangle: x, y, width, height in pixels, then luma, Cb and Cr. */
export const RECTANGLE_FIELDS = 8;

/** 15 rows of 33 cells in four parts, the patch, the strip and its 96 cells, with room to spare. */
const CAPACITY = 2176;

/** Flat rectangles from back to front, in memory that is used again for every frame. */
export class RectangleList {
  readonly fields = new Uint16Array(CAPACITY * RECTANGLE_FIELDS);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
  }

  /**
   * @param x even pixels, as y, width and height are wherever chroma is not 128.
   * @param luma BT.709 limited range, 16 to 235.
   */
  add(
    x: number,
    y: number,
    width: number,
    height: number,
    luma: number,
    blue: number,
    red: number,
  ): void {
    if (this.#length === CAPACITY) return;
    const at = this.#length++ * RECTANGLE_FIELDS;
    this.fields[at] = x;
    this.fields[at + 1] = y;
    this.fields[at + 2] = width;
    this.fields[at + 3] = height;
    this.fields[at + 4] = luma;
    this.fields[at + 5] = blue;
    this.fields[at + 6] = red;
  }

  /** In the order in which they were added. */
  each(draw: (...rectangle: Parameters<RectangleList['add']>) => void): void {
    const { fields } = this;
    // Read one by one: an iterator over each rectangle's fields costs more than drawing it.
    for (let at = 0; at < this.#length * RECTANGLE_FIELDS; at += RECTANGLE_FIELDS) {
      draw(
        fields[at] ?? 0,
        fields[at + 1] ?? 0,
        fields[at + 2] ?? 0,
        fields[at + 3] ?? 0,
        fields[at + 4] ?? 0,
        fields[at + 5] ?? 0,
        fields[at + 6] ?? 0,
      );
    }
  }
}

/** From so many bytes on the engine's own fill is quicker than a loop, for all that a call costs. */
const LEAST_FILLED = 16;

/** Fills a rectangle of a plane of one byte a sample, `stride` bytes a row. */
export function fillRectangle(
  plane: Uint8Array,
  stride: number,
  x: number,
  y: number,
  width: number,
  height: number,
  value: number,
): void {
  for (let row = y; row < y + height; row++) {
    const start = row * stride + x;
    const end = start + width;
    if (width >= LEAST_FILLED) plane.fill(value, start, end);
    else for (let at = start; at < end; at++) plane[at] = value;
  }
}
