import sharp, { type Sharp } from 'sharp';
import { MAX_COVER_BYTES } from '../protocol/container-messages.ts';
import { RockpoolError } from '../protocol/errors.ts';
import type { Resolution } from '../protocol/stream-settings.ts';
import type { CatalogueEntry } from './game-catalogue.ts';
import type { VideoFrame } from './game-runtime.ts';
import { HeadlessRun } from './headless-run.ts';

/** Size of a cover, pixels. */
export const COVER_SIZE: Resolution = { width: 640, height: 360 };

/** What nobody sees is drawn small: on a software GPU a large frame takes 40 ms of CPU. */
const PLAYED_SIZE: Resolution = { width: 128, height: 72 };

/** Twice as wide and high as the cover: scaling down smooths the edges. */
const DRAWN_SIZE: Resolution = { width: 1280, height: 720 };

/** Every cover shows the same play. */
const COVER_SEED = 7;

/** 4 seconds of play: past any fade-in, with something under way. */
const COVER_FRAMES = 200;

/** Best first; the last is below the limit for any picture of this size. */
const QUALITIES = [86, 70, 50, 20];

/**
 * Lets a game play by itself for a little while and takes its picture.
 * @returns a WebP of {@link COVER_SIZE}, at most `MAX_COVER_BYTES` long.
 * @throws RockpoolError where the game does not start or fails.
 */
export async function renderCover(entry: CatalogueEntry): Promise<Uint8Array> {
  const run = await HeadlessRun.start(entry, PLAYED_SIZE, COVER_SEED);
  try {
    for (let i = 1; i < COVER_FRAMES; i++) (await run.nextFrame()).release();
    await run.reshape(DRAWN_SIZE);
    const frame = await run.nextFrame();
    try {
      return await encodeFrame(frame);
    } finally {
      frame.release();
    }
  } finally {
    await run.close();
  }
}

/** What a studio may bring as a cover. Others, SVG among them, would make sharp load far more code. */
const COVER_FORMATS: readonly (string | undefined)[] = ['png', 'jpeg', 'webp'];

/** 8K: a picture that unpacks to more is a mistake, or meant to take the machine down. */
const MAX_SOURCE_PIXELS = 7680 * 4320;

/**
 * Makes a cover of a picture file, cut to 16:9 around its middle.
 * @returns a WebP of {@link COVER_SIZE}, at most `MAX_COVER_BYTES` long.
 * @throws RockpoolError `bad-manifest` where the file is no picture that can be shown.
 */
export async function coverOfFile(path: string): Promise<Uint8Array> {
  const picture = sharp(path, { limitInputPixels: MAX_SOURCE_PIXELS });
  try {
    const { format } = await picture.metadata();
    if (COVER_FORMATS.includes(format)) return await encodeCover(picture.autoOrient());
  } catch (cause) {
    throw new RockpoolError('bad-manifest', `${path} cannot be read as a picture.`, { cause });
  }
  throw new RockpoolError('bad-manifest', `${path} is no PNG, JPEG or WebP picture.`);
}

async function encodeFrame(frame: VideoFrame): Promise<Uint8Array> {
  const { width, height } = frame;
  return encodeCover(sharp(rgbaOf(frame), { raw: { width, height, channels: 4 } }).removeAlpha());
}

async function encodeCover(picture: Sharp): Promise<Uint8Array> {
  for (const quality of QUALITIES) {
    const webp = await picture
      .clone()
      .resize(COVER_SIZE.width, COVER_SIZE.height)
      .flatten()
      .webp({ quality })
      .toBuffer();
    if (webp.byteLength <= MAX_COVER_BYTES) return webp;
  }
  throw new RockpoolError('internal', 'The cover cannot be made small enough.');
}

/** A picture as it lies in memory. */
export type RawPicture = Pick<VideoFrame, 'format' | 'pixels' | 'width' | 'height'>;

/** A copy, as the frame's memory is lent and sharp reads it on another thread. */
export function rgbaOf(frame: RawPicture): Uint8Array | Uint8ClampedArray {
  switch (frame.format) {
    case 'rgba':
      return Uint8Array.from(frame.pixels);
    case 'i420':
      return rgbaOfI420(frame);
  }
}

/** BT.709 limited range. For one picture now and then: plain rather than fast. */
function rgbaOfI420({ pixels, width, height }: RawPicture): Uint8ClampedArray {
  const rgba = new Uint8ClampedArray(width * height * 4);
  const blues = width * height;
  const reds = blues + blues / 4;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const chroma = (y >> 1) * (width >> 1) + (x >> 1);
      const luma = (((pixels[y * width + x] ?? 0) - 16) * 255) / 219;
      const blue = (((pixels[blues + chroma] ?? 0) - 128) * 255) / 224;
      const red = (((pixels[reds + chroma] ?? 0) - 128) * 255) / 224;
      const at = (y * width + x) * 4;
      rgba[at] = luma + 1.5748 * red;
      rgba[at + 1] = luma - 0.1873 * blue - 0.4681 * red;
      rgba[at + 2] = luma + 1.8556 * blue;
      rgba[at + 3] = 255;
    }
  }
  return rgba;
}
