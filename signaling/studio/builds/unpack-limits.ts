import { z } from 'zod';

const GIB = 2 ** 30;

/** What one archive may hold, and take. */
export const unpackLimitsSchema = z.strictObject({
  /** Of all files together, unpacked. */
  bytes: z
    .int()
    .min(1)
    .default(32 * GIB),
  /** Files, folders and links. */
  entries: z.int().min(1).default(200_000),
  /** Folders within one another. */
  depth: z.int().min(1).default(32),
  /**
   * Unpacked over packed, once more than {@link freeBytes} came out. Deflate reaches 1,032 with
   * zeros alone; textures and sound that were never compressed stay below 20, whole builds below 10.
   */
  ratio: z.number().min(1).default(200),
  /** Whatever its ratio, so much is nobody's bomb. */
  freeBytes: z
    .int()
    .min(0)
    .default(256 * 2 ** 20),
  /** Milliseconds; 32 GiB take six minutes at 100 MB/s. */
  timeMs: z
    .int()
    .min(1)
    .default(15 * 60_000),
  /** Of JavaScript's heap in the process that unpacks, MiB: 200,000 entries of a zip take half of it. */
  heapMib: z.int().min(8).default(512),
});
export type UnpackLimits = z.infer<typeof unpackLimitsSchema>;

export const DEFAULT_UNPACK_LIMITS: UnpackLimits = unpackLimitsSchema.parse({});
