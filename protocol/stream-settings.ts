import { z } from 'zod';

/** Video codecs the sender may produce; those that need fewer bits for the same picture first. */
export const VIDEO_CODECS = ['av1', 'h265', 'h264', 'vp8'] as const;
export const videoCodecSchema = z.enum(VIDEO_CODECS);
export type VideoCodec = z.infer<typeof videoCodecSchema>;

/**
 * The picture sizes on offer. Every width is a multiple of 64 pixels, so that a row of RGBA is a
 * multiple of 256 bytes: the row pitch WebGPU demands of a texture read-back.
 */
export const RESOLUTIONS = [
  { width: 512, height: 288 },
  { width: 640, height: 360 },
  { width: 768, height: 432 },
  { width: 960, height: 540 },
  { width: 1280, height: 720 },
  { width: 1600, height: 900 },
  { width: 1920, height: 1080 },
] as const;

export interface Resolution {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

export function sameResolution(one: Resolution, other: Resolution): boolean {
  return one.width === other.width && one.height === other.height;
}

/** @throws RangeError where the size is not one of {@link RESOLUTIONS}. */
export function resolutionIndex({ width, height }: Resolution): number {
  const index = RESOLUTIONS.findIndex((one) => one.width === width && one.height === height);
  if (index < 0) throw new RangeError(`${width}x${height} is not on offer`);
  return index;
}

export const DEFAULT_RESOLUTION: Resolution = { width: 1280, height: 720 };
export const FRAME_RATES = [30, 60, 120] as const;
export const DEFAULT_FRAME_RATE = 60;
export const MIN_BITRATE_BPS = 300_000;
export const MAX_BITRATE_BPS = 50_000_000;

/** 12 Mbit/s: 720p60 of hard-edged game art without visible blocking, and within most home links. */
export const DEFAULT_BITRATE_BPS = 12_000_000;

export const resolutionSchema = z
  .strictObject({ width: z.int(), height: z.int() })
  .refine(
    (size) => RESOLUTIONS.some((r) => r.width === size.width && r.height === size.height),
    `must be one of ${RESOLUTIONS.map((r) => `${r.width}x${r.height}`).join(', ')}`,
  );

/** No picture is larger. */
export const MAX_PICTURE: Resolution = { width: 3840, height: 2160 };

/**
 * A size that a game draws or that is sent, though no player chose it. Chroma has half the width and
 * height of the picture, so both are even.
 */
export const pictureSizeSchema = z.strictObject({
  width: z.int().min(2).max(MAX_PICTURE.width).multipleOf(2),
  height: z.int().min(2).max(MAX_PICTURE.height).multipleOf(2),
});

/**
 * The largest size of a picture's shape that fits a box; the picture's own where it fits.
 * @returns even numbers of pixels, 2 at least.
 */
export function fitWithin({ width, height }: Resolution, box: Resolution): Resolution {
  const scale = Math.min(1, box.width / width, box.height / height);
  return { width: even(width * scale), height: even(height * scale) };
}

/** A little beyond a whole number is that number, as a division left it. */
function even(pixels: number): number {
  return Math.max(2, Math.floor(pixels / 2 + 1e-6) * 2);
}

/**
 * The sizes that a picture may be sent at, smallest first, its own last: those on offer as far as they
 * are smaller, and for a picture of another shape its own shape with as many pixels.
 */
export function sizesUpTo(picture: Resolution): readonly [Resolution, ...Resolution[]] {
  const own = fitWithin(picture, MAX_PICTURE);
  const pixels = own.width * own.height;
  const smaller: Resolution[] = [];
  for (const size of RESOLUTIONS) {
    const share = (size.width * size.height) / pixels;
    // A step that saves less is not worth a keyframe.
    if (share > 0.9) break;
    const isOwnShape = size.width * own.height === size.height * own.width;
    const scale = Math.sqrt(share);
    smaller.push(
      isOwnShape ? size : { width: even(own.width * scale), height: even(own.height * scale) },
    );
  }
  const [smallest, ...more] = smaller;
  return smallest ? [smallest, ...more, own] : [own];
}

export const frameRateSchema = z.literal(FRAME_RATES);

/** What a player may choose. `resolution: 'auto'` is what the container measurably sustains. */
export const streamSettingsSchema = z.strictObject({
  resolution: z.union([z.literal('auto'), resolutionSchema]),
  frameRate: frameRateSchema,
  maxBitrateBps: z.int().min(MIN_BITRATE_BPS).max(MAX_BITRATE_BPS),
  /** `auto` is the best the container encodes in time and the browser decodes well. */
  codec: z.union([z.literal('auto'), videoCodecSchema]),
});
export type StreamSettings = z.infer<typeof streamSettingsSchema>;

export const DEFAULT_STREAM_SETTINGS: StreamSettings = {
  resolution: 'auto',
  frameRate: DEFAULT_FRAME_RATE,
  maxBitrateBps: DEFAULT_BITRATE_BPS,
  codec: 'auto',
};
