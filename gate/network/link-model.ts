import { z } from 'zod';

const shareSchema = z.number().min(0).max(0.5);

/** Which packets vanish before they reach the bottleneck. */
export const lossSchema = z.discriminatedUnion('kind', [
  /** Each packet by itself. */
  z.strictObject({ kind: z.literal('random'), share: shareSchema }),
  /** Runs of packets: {@link shareSchema} of all, `meanBurstPackets` in a row on average. */
  z.strictObject({
    kind: z.literal('bursts'),
    share: shareSchema,
    meanBurstPackets: z.number().min(1).max(1000),
  }),
]);
export type LossModelData = z.infer<typeof lossSchema>;

/** What is added to the propagation delay: evenly distributed over ± `spreadMs`. */
export const jitterSchema = z.strictObject({
  spreadMs: z.number().min(0).max(1000),
  /** Time over which the delay is much the same; 0 draws it anew for each packet. */
  correlationMs: z.number().min(0).max(10_000),
  /** Whether a packet may overtake another; where not, it waits for the one before. */
  reorder: z.boolean(),
});
export type JitterData = z.infer<typeof jitterSchema>;

/** The bottleneck's rate, piece by piece; after the last piece comes the first again. */
export const rateTraceSchema = z
  .array(
    z.strictObject({
      durationMs: z.number().positive(),
      bitrateBps: z.number().positive(),
    }),
  )
  .min(1)
  .readonly();
export type RateTraceData = z.infer<typeof rateTraceSchema>;

/** The longest queue before the bottleneck; what would make it longer is dropped at its tail. */
export const queueLimitSchema = z.union([
  /** By the time that a packet would wait for its turn. */
  z.strictObject({ delayMs: z.number().positive() }),
  /** By the bytes of IP that wait. */
  z.strictObject({ bytes: z.number().positive() }),
]);
export type QueueLimit = z.infer<typeof queueLimitSchema>;

/** One direction of a network. */
export const linkModelSchema = z
  .strictObject({
    loss: lossSchema,
    rate: rateTraceSchema,
    queue: queueLimitSchema,
    /** One way. */
    delayMs: z.number().min(0).max(10_000),
    /** Of media more than of all else, so that the pings beside it go as fast as they did. */
    mediaDelayMs: z.number().min(0).max(10_000).optional(),
    jitter: jitterSchema,
  })
  .refine(({ delayMs, jitter }) => jitter.spreadMs <= delayMs, 'no packet arrives before it left');
export type LinkModel = z.infer<typeof linkModelSchema>;
