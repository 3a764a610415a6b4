import { z } from 'zod';
import { refusalReasonSchema } from './archive-refusal.ts';
import { unpackLimitsSchema } from './unpack-limits.ts';

/** What the process that unpacks is told, on its standard input. */
export const unpackOrderSchema = z.strictObject({
  archive: z.string().min(1),
  /** Empty. */
  folder: z.string().min(1),
  limits: unpackLimitsSchema,
});
export type UnpackOrder = z.infer<typeof unpackOrderSchema>;

const pathsSchema = z.array(z.string()).readonly();

const unpackedSchema = z.strictObject({
  kind: z.literal('unpacked'),
  format: z.enum(['zip', 'tar', 'tar.gz', 'tar.zst']),
  bytes: z.int().min(0),
  packedBytes: z.int().min(0),
  privileged: pathsSchema,
  madePrograms: pathsSchema,
  danglingLinks: pathsSchema,
  litter: z.int().min(0),
});

/** What it answers on its standard output before it ends. */
export const unpackOutcomeSchema = z.discriminatedUnion('kind', [
  unpackedSchema,
  z.strictObject({
    kind: z.literal('refused'),
    reason: refusalReasonSchema,
    message: z.string(),
  }),
  /** A defect, or a failure of the machine. */
  z.strictObject({ kind: z.literal('failed'), message: z.string() }),
]);
export type UnpackOutcome = z.infer<typeof unpackOutcomeSchema>;
