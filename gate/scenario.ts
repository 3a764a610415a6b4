import { z } from 'zod';
import { gameIdSchema } from '../protocol/ids.ts';
import { DEFAULT_STREAM_SETTINGS, streamSettingsSchema } from '../protocol/stream-settings.ts';
import { inputScriptSchema } from './input-script.ts';
import { profileNameSchema } from './network-names.ts';
import { browserNameSchema } from './result.ts';

/** What a browser must manage for its figures to be the game's and not its own. */
const keepsUpSchema = z.strictObject({
  /** Of all processor time, at most this may be in use where the page has to wait for a frame or longer. */
  busyShare: z.number().min(0).max(1).default(0.97),
  /** Of all processor time, at most this may be taken by other machines on the same host. */
  stolenShare: z.number().min(0).max(1).default(0.05),
  /** Of the pictures that were presented, at most this may have gone by without the page being told. */
  missedShare: z.number().min(0).max(1).default(0.25),
  /** Of the page's timers, the 95th percentile may be at most this late. */
  timerLateMs: z.number().min(0).max(60_000).default(100),
});
export type KeepsUp = z.infer<typeof keepsUpSchema>;

/** A game, what is done in it, and over what it is measured. */
export const scenarioSchema = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'small letters, digits and dashes'),
  title: z.string().min(1).max(120),
  game: gameIdSchema,
  /** Of one run, without its start. */
  seconds: z.number().min(1).max(3600),
  profiles: z.array(profileNameSchema).min(1),
  browsers: z.array(browserNameSchema).min(1),
  viewport: z
    .strictObject({ width: z.int().min(160).max(7680), height: z.int().min(90).max(4320) })
    .default({ width: 1280, height: 800 }),
  /** What the player chose in the settings. */
  stream: streamSettingsSchema.partial().default({}),
  /** Until the first picture: what takes longer is not waited for. */
  startSeconds: z.number().min(1).max(3600).default(90),
  /** Played, but not measured: encoder, rate control and jitter buffer settle. */
  settleSeconds: z.number().min(0).max(120).default(3),
  input: inputScriptSchema,
  /**
   * Of scenes that show by marks what they were told: how their strip names presses. Click to photon is
   * then read from the picture, too; where the size of the picture is set and presses are all that is
   * done, so is what became of the picture on its way.
   */
  marks: z.enum(['sequence', 'count']).optional(),
  keepsUp: keepsUpSchema.prefault({}),
});
export type Scenario = z.infer<typeof scenarioSchema>;

/** The settings of a scenario's player. */
export function streamOf({ stream }: Scenario) {
  const { resolution, frameRate, maxBitrateBps, codec } = { ...DEFAULT_STREAM_SETTINGS, ...stream };
  return {
    resolution: resolution ?? DEFAULT_STREAM_SETTINGS.resolution,
    frameRate: frameRate ?? DEFAULT_STREAM_SETTINGS.frameRate,
    maxBitrateBps: maxBitrateBps ?? DEFAULT_STREAM_SETTINGS.maxBitrateBps,
    codec: codec ?? DEFAULT_STREAM_SETTINGS.codec,
  };
}

/** For editors. */
export function scenarioJsonSchema(): unknown {
  return z.toJSONSchema(scenarioSchema, { io: 'input' });
}
