import { z } from 'zod';
import { blobSchema } from './build-index.ts';
import { pictureSizeSchema } from './stream-settings.ts';

/** How long a build runs in a try-out once it shows a window, in milliseconds: at least, and at most. */
export const TRY_OUT_MS = 16_000;
export const MAX_TRY_OUT_MS = 22_000;

/** What a clip shows: the end of the run, in milliseconds. */
export const CLIP_MS = 15_000;

/** Widths of the pictures made of one moment, pixels; a picture is never enlarged. */
export const SCREENSHOT_WIDTHS = [320, 640, 1280] as const;

/** Moments of which pictures are kept, at most. */
export const MAX_SCREENSHOT_MOMENTS = 5;

/** Those of one moment: each width in both formats. */
const PICTURES_A_MOMENT = SCREENSHOT_WIDTHS.length * 2;

/** The largest thing that a try-out brings: a clip. */
export const MAX_TRY_OUT_BLOB_BYTES = 8 * 2 ** 20;

/** All that one try-out brings, at most. */
export const MAX_TRY_OUT_BYTES = 24 * 2 ** 20;

const MAX_LOG_LINES = 200;
const MAX_LOG_LINE_CHARS = 500;

const mediaSchema = blobSchema.extend({
  bytes: z.int().min(1).max(MAX_TRY_OUT_BLOB_BYTES),
});

/** A picture of a game, 16:9. */
export const screenshotSchema = mediaSchema.extend({
  format: z.enum(['avif', 'webp']),
  width: z.int().min(1).max(3840),
  height: z.int().min(1).max(2160),
  /** When it was taken, from the first window on: pictures of one moment differ in size and format. */
  atMs: z.int().min(0),
});
export type Screenshot = z.infer<typeof screenshotSchema>;

const durationSchema = z.number().min(0).max(3_600_000);

/** What a container found when it ran a build with nobody watching. */
export const tryOutFindingsSchema = z.strictObject({
  /** From the start of its program to its first window; null where there was none, as with all below. */
  bootMs: durationSchema.nullable(),
  /** From the start of its program to the first picture that is not all of one colour. */
  firstFrameMs: durationSchema.nullable(),
  /** Pictures that the game drew. */
  frames: z.int().min(0),
  /** Pictures a second that it drew, from the first to the last. */
  frameRate: z.number().min(0).max(1000).nullable(),
  /** Between one picture and the next: what the game costs. */
  frameTimeP50Ms: durationSchema.nullable(),
  frameTimeP95Ms: durationSchema.nullable(),
  /** From a picture in memory to its last encoded byte: what the stream costs. */
  encodeP50Ms: durationSchema.nullable(),
  encodeP95Ms: durationSchema.nullable(),
  /** FFmpeg's name of it. */
  encoder: z.string().max(40).nullable(),
  /** Of the game's display. */
  resolution: pictureSizeSchema.nullable(),
  /** Processor cores that the game kept busy, on average. */
  cpus: z.number().min(0).max(4096).nullable(),
  /** The most memory that was seen with the game. */
  memoryBytes: z.number().min(0).nullable(),
  /** Null where it was still running at the end, or died of a signal. */
  exitCode: z.int().nullable(),
  /** A sentence, and in the lines after it what the game wrote last; null where a player could play. */
  problem: z.string().max(2000).nullable(),
  /** What else is worth knowing, a sentence each. */
  notes: z.array(z.string().max(500)).max(16),
  /** The end of what it wrote, a line each. */
  log: z.array(z.string().max(MAX_LOG_LINE_CHARS)).max(MAX_LOG_LINES),
  /** The moment that shows most first. */
  screenshots: z.array(screenshotSchema).max(MAX_SCREENSHOT_MOMENTS * PICTURES_A_MOMENT),
  /** MP4 with H.264, without sound; null where none could be made: {@link notes} say why. */
  clip: mediaSchema.nullable(),
  /** What stands for the clip before it plays. */
  poster: screenshotSchema.nullable(),
});
export type TryOutFindings = z.infer<typeof tryOutFindingsSchema>;

/** Findings, and where and when they were made. */
export const tryOutReportSchema = tryOutFindingsSchema.extend({
  containerName: z.string().max(80),
  region: z.string().max(40),
  /** Epoch milliseconds. */
  atMs: z.number(),
});
export type TryOutReport = z.infer<typeof tryOutReportSchema>;

/** Everything that a report names and that lies beside it. */
export function mediaOf({
  screenshots,
  clip,
  poster,
}: Pick<TryOutFindings, 'screenshots' | 'clip' | 'poster'>): (z.infer<typeof mediaSchema> & {
  readonly type: string;
})[] {
  const pictures = [...screenshots, ...(poster ? [poster] : [])];
  return [
    ...pictures.map((picture) => ({ ...picture, type: `image/${picture.format}` })),
    ...(clip ? [{ ...clip, type: 'video/mp4' }] : []),
  ];
}

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g');
const CONTROL_CHARACTERS = /[^\P{Cc}\n\t]/gu;

/** The end of a log as a report carries it, without colours, which say nothing on a page. */
export function logLines(text: string): string[] {
  const clean = text.replace(COLOURS, '').replace(CONTROL_CHARACTERS, '');
  const lines = clean.split('\n').map((line) => line.trimEnd());
  return lines
    .filter((line) => line !== '')
    .slice(-MAX_LOG_LINES)
    .map((line) => line.slice(0, MAX_LOG_LINE_CHARS));
}
