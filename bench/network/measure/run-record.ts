import { z } from 'zod';
import { linkSampleSchema } from '../../../gate/network/link-statistics.ts';

/** Our own sender and the two it is measured against, in the order in which tables name them. */
export const SENDER_NAMES = ['rockpool', 'libwebrtc', 'chromium'] as const;
export const senderNameSchema = z.enum(SENDER_NAMES);
export type SenderName = z.infer<typeof senderNameSchema>;

/** All times in a record are milliseconds since its measurement began. */
const pressSchema = z.strictObject({ atMs: z.number(), latencyMs: z.number() });
export type Press = z.infer<typeof pressSchema>;

/** Counts of the receiving browser since its connection began. */
const statisticsSchema = z.strictObject({
  atMs: z.number(),
  bytesReceived: z.number(),
  packetsLost: z.number(),
  framesDecoded: z.number(),
  freezeCount: z.number(),
  nackCount: z.number(),
  pliCount: z.number(),
  frameWidth: z.number(),
  jitterBufferDelayMs: z.number(),
  jitterBufferFrames: z.number(),
  roundTripMs: z.number().optional(),
});
export type Statistics = z.infer<typeof statisticsSchema>;

export const runRecordSchema = z.strictObject({
  profile: z.string(),
  sender: senderNameSchema,
  durationMs: z.number(),
  /** Of all processors' time, what the host of this machine gave to others; absent where unknown. */
  stolenShare: z.number().optional(),
  /** Frames a second that the sender draws. */
  frameRate: z.number(),
  codec: z.string(),
  presses: z.array(pressSchema),
  /** Presses that no picture had shown by the end. */
  outstanding: z.int(),
  /** Pictures whose marks contradict each other. */
  contradictions: z.int(),
  framesMs: z.array(z.number()),
  /** Pixels; absent where no frame was displayed. */
  meanFrameWidth: z.number().optional(),
  statistics: z.array(statisticsSchema),
  /** Towards the player. */
  link: z.array(linkSampleSchema),
});

/** One measurement of one sender over one profile. */
export type RunRecord = z.infer<typeof runRecordSchema>;
