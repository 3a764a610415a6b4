import type { PlayerPage } from './player-page.ts';

const WIDTH = 64;
const HEIGHT = 48;

/** Luma of what a player's video shows now, scaled down, row by row. */
export type SmallPicture = readonly number[];

export function smallPicture({ page }: PlayerPage): Promise<SmallPicture> {
  return page.$eval(
    'video',
    (video, width, height) => {
      const context = new OffscreenCanvas(width, height).getContext('2d');
      if (!context) throw new Error('no canvas to look at the picture with');
      context.drawImage(video, 0, 0, width, height);
      const { data } = context.getImageData(0, 0, width, height);
      return Array.from({ length: width * height }, (_, pixel) => {
        const [red = 0, green = 0, blue = 0] = data.subarray(pixel * 4, pixel * 4 + 3);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      });
    },
    WIDTH,
    HEIGHT,
  );
}

/** Mean difference of two pictures, luma, 0 to 255. */
export function difference(one: SmallPicture, two: SmallPicture): number {
  const sum = one.reduce((total, luma, pixel) => total + Math.abs(luma - (two[pixel] ?? 0)), 0);
  return sum / one.length;
}
