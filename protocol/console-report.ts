import { z } from 'zod';
import { capacitySchema } from './capacity.ts';
import { logAnswerSchema } from './console-log.ts';
import { encoderReportSchema, gpuReportSchema } from './container-messages.ts';
import { containerIdSchema, gameIdSchema } from './ids.ts';
import { endReasonSchema, sessionStateSchema } from './session-state.ts';

/** Epoch milliseconds by signaling's clock. */
const timeMsSchema = z.int().min(0);

/** A game being played. Nothing says by whom. */
export const runningPlaySchema = z.strictObject({
  gameId: gameIdSchema,
  sinceMs: timeMsSchema,
  state: sessionStateSchema,
});
export type RunningPlay = z.infer<typeof runningPlaySchema>;

/** A machine that is connected, as it is now. */
export const liveMachineSchema = z.strictObject({
  state: z.enum(['joining', 'standby', 'busy', 'draining', 'quarantined']),
  gpu: gpuReportSchema,
  /** Sessions at once, however little each takes. */
  slots: z.int().min(0),
  freeSlots: z.int().min(0),
  capacity: capacitySchema,
  free: capacitySchema,
  games: z.array(z.strictObject({ gameId: gameIdSchema, title: z.string().max(80) })).max(1000),
  /** Oldest first. */
  running: z.array(runningPlaySchema).max(1024),
});
export type LiveMachine = z.infer<typeof liveMachineSchema>;

/** The answer to `GET /api/console/machine`. */
export const machineReportSchema = z.strictObject({
  containerId: containerIdSchema,
  name: z.string().max(80),
  region: z.string().max(40),
  /** Of one session, in the pool's own unit; 0 is free. */
  pricePerHour: z.number().min(0),
  /** As the machine described it; empty where it has none. */
  gpu: z.string().max(200),
  encoders: z.array(encoderReportSchema).max(32),
  /** When it joined this pool for the first time; null where nothing is remembered of it. */
  firstSeenAtMs: timeMsSchema.nullable(),
  /** When it joined or left last; null where nothing is remembered of it. */
  lastSeenAtMs: timeMsSchema.nullable(),
  /** Null while it is not connected. */
  live: liveMachineSchema.nullable(),
  nowMs: timeMsSchema,
});
export type MachineReport = z.infer<typeof machineReportSchema>;

/** One session of the last days. */
export const pastPlaySchema = z.strictObject({
  gameId: gameIdSchema,
  startedAtMs: timeMsSchema,
  /** Null together with the reason while it is being played. */
  endedAtMs: timeMsSchema.nullable(),
  reason: endReasonSchema.nullable(),
  /** Milliseconds; null where its player measured none. */
  clickToPhotonP50Ms: z.number().min(0).nullable(),
  clickToPhotonP95Ms: z.number().min(0).nullable(),
  freezes: z.int().min(0).nullable(),
});
export type PastPlay = z.infer<typeof pastPlaySchema>;

/** How far back a machine's sessions are told, in milliseconds, and how many at most. */
export const PAST_PLAYS_MS = 7 * 24 * 60 * 60 * 1000;
export const MAX_PAST_PLAYS = 500;

/** The answer to `GET /api/console/machine/sessions`. */
export const machineHistorySchema = z.strictObject({
  /** Newest first. */
  sessions: z.array(pastPlaySchema).max(MAX_PAST_PLAYS),
  nowMs: timeMsSchema,
});
export type MachineHistory = z.infer<typeof machineHistorySchema>;

/** The answer to `GET /api/console/machine/log`. */
export const machineLogSchema = z.discriminatedUnion('connected', [
  z.strictObject({ connected: z.literal(false) }),
  logAnswerSchema.extend({ connected: z.literal(true) }),
]);
export type MachineLog = z.infer<typeof machineLogSchema>;
