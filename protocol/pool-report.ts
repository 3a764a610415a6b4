import { z } from 'zod';
import { encoderReportSchema, gpuReportSchema } from './container-messages.ts';

/** A larger pool lists so many of its containers; totals are of all. */
export const MAX_LISTED_CONTAINERS = 500;

/** What anybody may know of a container: no address, no id, nobody's session. */
export const pooledContainerSchema = z.strictObject({
  name: z.string().max(80),
  /** `quarantined`: it said that it had room and then took no session, several times. */
  state: z.enum(['joining', 'standby', 'busy', 'draining', 'quarantined']),
  gpu: gpuReportSchema,
  encoders: z.array(encoderReportSchema),
  /** Played now. */
  sessions: z.int().min(0),
  /** For more of them, of the game that takes least. */
  freePlaces: z.int().min(0),
  /** In the pool's own unit; 0 is free. */
  pricePerHour: z.number().min(0),
  /** When its connection was made, epoch milliseconds. */
  joinedAtMs: z.number(),
  /** Of its recent sessions; null where there were none. */
  recent: z
    .strictObject({
      sessions: z.int().min(1),
      /** Their median p95, milliseconds; null where none was measured. */
      clickToPhotonP95Ms: z.number().min(0).nullable(),
    })
    .nullable(),
});
export type PooledContainer = z.infer<typeof pooledContainerSchema>;

export const poolTotalsSchema = z.strictObject({
  containers: z.int().min(0),
  sessions: z.int().min(0),
  freePlaces: z.int().min(0),
});
export type PoolTotals = z.infer<typeof poolTotalsSchema>;

export const pooledRegionSchema = z.strictObject({
  name: z.string().max(40),
  totals: poolTotalsSchema,
  /** By name. In a large pool not all, see {@link MAX_LISTED_CONTAINERS}. */
  containers: z.array(pooledContainerSchema),
});
export type PooledRegion = z.infer<typeof pooledRegionSchema>;

/** The answer of `GET /api/pool`. */
export const poolReportSchema = z.strictObject({
  totals: poolTotalsSchema,
  /** Players who wait for a place. */
  waiting: z.int().min(0),
  /** By name. In a large pool those with no container listed are missing. */
  regions: z.array(pooledRegionSchema),
});
export type PoolReport = z.infer<typeof poolReportSchema>;
