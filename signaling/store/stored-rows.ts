import { z } from 'zod';
import { encoderReportSchema } from '../../protocol/container-messages.ts';
import {
  containerIdSchema,
  gameIdSchema,
  joinTokenIdSchema,
  playerIdSchema,
  sessionIdSchema,
} from '../../protocol/ids.ts';
import { pairingDecisionSchema } from '../../protocol/pairing-decision.ts';
import { qualityReportSchema } from '../../protocol/quality-report.ts';
import { endReasonSchema } from '../../protocol/session-state.ts';
import { buildIdSchema } from '../../protocol/studio-builds.ts';
import {
  CONTAINER_PRESENCES,
  type ContainerRecord,
  type JoinTokenRecord,
  type PlayRecord,
  type SessionRecord,
} from './store.ts';

// A database is an edge: another release may have written the row, or a person.

export const atMsSchema = z.int();

/** What a column that may be null holds. */
export function orUndefined<T extends z.ZodType>(schema: T) {
  return schema.nullable().transform((value) => value ?? undefined);
}

export const containerRowSchema: z.ZodType<ContainerRecord> = z.strictObject({
  containerId: containerIdSchema,
  publicKey: z.string(),
  name: z.string(),
  region: z.string(),
  pricePerHour: z.number(),
  firstSeenAtMs: atMsSchema,
  lastSeenAtMs: atMsSchema,
  state: z.enum(CONTAINER_PRESENCES),
  gpu: z.string(),
  cpus: z.number(),
  memoryBytes: z.number(),
  encoders: z.array(encoderReportSchema),
});

export const sessionRowSchema: z.ZodType<SessionRecord> = z.strictObject({
  sessionId: sessionIdSchema,
  playerId: playerIdSchema,
  containerId: containerIdSchema,
  gameId: gameIdSchema,
  startedAtMs: atMsSchema,
  endedAtMs: orUndefined(atMsSchema),
  reason: orUndefined(endReasonSchema),
  detail: orUndefined(z.string()),
  quality: orUndefined(qualityReportSchema),
  decision: pairingDecisionSchema,
  buildId: orUndefined(buildIdSchema),
  browser: orUndefined(z.string()),
  reportedFrom: orUndefined(z.string()),
});

export const playRowSchema: z.ZodType<PlayRecord> = z.strictObject({
  sessionId: sessionIdSchema,
  playerId: playerIdSchema,
  startedAtMs: atMsSchema,
  endedAtMs: orUndefined(atMsSchema),
  quality: orUndefined(qualityReportSchema),
  buildId: orUndefined(buildIdSchema),
  browser: orUndefined(z.string()),
  reportedFrom: orUndefined(z.string()),
});

export const joinTokenRowSchema: z.ZodType<JoinTokenRecord> = z.strictObject({
  tokenId: joinTokenIdSchema,
  hash: z.string(),
  name: z.string(),
  once: z.boolean(),
  createdAtMs: atMsSchema,
  expiresAtMs: orUndefined(atMsSchema),
  revokedAtMs: orUndefined(atMsSchema),
  lastUsedAtMs: orUndefined(atMsSchema),
  containerIds: z.array(containerIdSchema),
});
