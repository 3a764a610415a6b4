import type { Resolution } from '../../protocol/stream-settings.ts';

/** I420 of blue, green, red and an unused byte, as bgra-to-i420.wat rounds it. */
export function i420Of(bgra: Uint8Array, { width, height }: Resolution): Uint8Array {
  const i420 = new Uint8Array((width * height * 3) / 2);
  const at = (x: number, y: number, channel: number) => bgra[(y * width + x) * 4 + channel] ?? 0;
  /** Two rows' mean of a column, rounded up; two columns' mean of that, rounded down. */
  const mean = (x: number, y: number, channel: number) => {
    const column = (left: number) => (at(left, y, channel) + at(left, y + 1, channel) + 1) >> 1;
    return (column(x) + column(x + 1)) >> 1;
  };
  const u = width * height;
  const v = u + u / 4;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sum = 16 * at(x, y, 0) + 157 * at(x, y, 1) + 47 * at(x, y, 2);
      i420[y * width + x] = 16 + ((sum + 128) >> 8);
      if (x % 2 === 1 || y % 2 === 1) continue;
      const [blue, green, red] = [mean(x, y, 0), mean(x, y, 1), mean(x, y, 2)];
      const chroma = (y / 2) * (width / 2) + x / 2;
      i420[u + chroma] = 128 + ((112 * blue - 86 * green - 26 * red + 128) >> 8);
      i420[v + chroma] = 128 + ((112 * red - 102 * green - 10 * blue + 128) >> 8);
    }
  }
  return i420;
}
