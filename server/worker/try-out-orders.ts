import { z } from 'zod';
import { encoderReportSchema } from '../../protocol/container-messages.ts';
import { tryOutFindingsSchema } from '../../protocol/try-out-report.ts';
import { buildOrderSchema } from './worker-messages.ts';

/** Agent → try-out worker. */
export const toTryOutSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('try-out'),
    build: buildOrderSchema,
    /** The encoders that passed the probe, best first. */
    encoders: z.array(encoderReportSchema),
    /** Where pictures and clip are to lie, each named by its SHA-256; the agent's to remove. */
    mediaFolder: z.string().startsWith('/'),
  }),
  z.strictObject({ type: z.literal('end') }),
]);
export type ToTryOut = z.infer<typeof toTryOutSchema>;
export type TryOutOrder = Extract<ToTryOut, { type: 'try-out' }>;

/** Try-out worker → agent. One of the last two comes last, and once. */
export const fromTryOutSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('step'), text: z.string().min(1).max(300) }),
  z.strictObject({ type: z.literal('tried'), findings: tryOutFindingsSchema }),
  z.strictObject({ type: z.literal('not-tried'), why: z.string().min(1).max(2000) }),
]);
export type FromTryOut = z.infer<typeof fromTryOutSchema>;
