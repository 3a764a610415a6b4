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

/**
 * A size that a game draws or that is sent, though no player chose it. Chroma has half the width and
 * height of the picture, so both are even.
 */
export const pictureSizeSchema = z.strictObject({
  width: z.int().min(2).max(3840).multipleOf(2),
  height: z.int().min(2).max(2160).multipleOf(2),
});

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
