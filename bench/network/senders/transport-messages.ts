import { z } from 'zod';

const sdpSchema = z.string().min(1);
const memorySchema = z.strictObject({ heap: z.number(), external: z.number() });

/** Bench → transport process. */
export const toTransportSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('answer'), sdp: sdpSchema }),
  z.strictObject({ type: z.literal('measure'), seconds: z.number().positive() }),
]);

/** One time of measuring, with media or without. */
const phaseSchema = z.strictObject({
  seconds: z.number(),
  /** User and system time of all threads. */
  cpuMs: z.number(),
  frames: z.int(),
  /** Frames that congestion control kept back. */
  skippedFrames: z.int(),
  packets: z.int(),
  /** Whole RTP packets. */
  bytes: z.number(),
  feedback: z.int(),
  allocated: memorySchema,
  collections: z.int(),
  /** In which nothing else ran. */
  collectingMs: z.number(),
});
export type TransportPhase = z.infer<typeof phaseSchema>;

/** Transport process → bench. */
export const fromTransportSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('offer'), sdp: sdpSchema }),
  z.strictObject({ type: z.literal('measured'), sending: phaseSchema, idle: phaseSchema }),
]);
