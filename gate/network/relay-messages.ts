import { z } from 'zod';
import { linkStatisticsSchema } from './link-statistics.ts';
import { profileSchema } from './profiles.ts';

const requestIdSchema = z.int().min(0);

const addressSchema = z.strictObject({
  host: z.ipv4(),
  port: z.int().min(1).max(65_535),
});

export const relayStatisticsSchema = z.strictObject({
  /** Target to peer: the container's media. */
  down: linkStatisticsSchema,
  up: linkStatisticsSchema,
  /** Datagrams from nobody's address. */
  strangers: z.int().min(0),
  /** Datagrams that the system did not take. */
  failures: z.int().min(0),
});
export type RelayStatistics = z.infer<typeof relayStatisticsSchema>;

/** Gate or bench → relay. The first is `start`; each is answered once, in order. */
export const toRelaySchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('start'),
    id: requestIdSchema,
    profile: profileSchema,
    seed: z.int(),
    /** Address of this machine that peers send to; the loopback's where left out. */
    host: z.ipv4().optional(),
  }),
  z.strictObject({ type: z.literal('open'), id: requestIdSchema, target: addressSchema }),
  z.strictObject({ type: z.literal('mark-start'), id: requestIdSchema }),
  z.strictObject({ type: z.literal('statistics'), id: requestIdSchema }),
]);
export type ToRelay = z.infer<typeof toRelaySchema>;

/** The answers. */
export const fromRelaySchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('done'), id: requestIdSchema }),
  z.strictObject({ type: z.literal('opened'), id: requestIdSchema, address: addressSchema }),
  z.strictObject({
    type: z.literal('statistics'),
    id: requestIdSchema,
    statistics: relayStatisticsSchema,
  }),
  z.strictObject({ type: z.literal('failed'), id: requestIdSchema, message: z.string() }),
]);
export type FromRelay = z.infer<typeof fromRelaySchema>;
