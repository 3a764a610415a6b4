import { z } from 'zod';
import { blobSchema } from '../../../protocol/build-index.ts';
import { sha256Schema } from '../../../protocol/content-digest.ts';
import { blobPlaceSchema } from './blob-place.ts';

/** What the process that packs is told, on the first line of its standard input. */
export const packOrderSchema = z.strictObject({
  /** Of a checked build. */
  folder: z.string().min(1),
  place: blobPlaceSchema,
  /** Index of the version before; null where there is none. */
  previous: sha256Schema.nullable(),
});
export type PackOrder = z.infer<typeof packOrderSchema>;

const packedSchema = z.strictObject({
  kind: z.literal('packed'),
  content: sha256Schema,
  index: blobSchema,
  /** By how much the store grew. */
  storedBytes: z.int().min(0),
});
export type Packed = Omit<z.infer<typeof packedSchema>, 'kind'>;

/** What it answers on its standard output before it ends. */
export const packOutcomeSchema = z.discriminatedUnion('kind', [
  packedSchema,
  z.strictObject({
    kind: z.literal('failed'),
    /** Of a RockpoolError or of the system; empty where it has none. */
    code: z.string(),
    message: z.string(),
  }),
]);
export type PackOutcome = z.infer<typeof packOutcomeSchema>;
