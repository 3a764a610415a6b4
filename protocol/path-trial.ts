import { z } from 'zod';
import { containerIdSchema, sessionIdSchema } from './ids.ts';

/** Containers tried for one play at most: each holds a place and works for it. */
export const MAX_TRIED = 3;

/** What a browser waits for paths to open at most, milliseconds. */
export const TRIAL_LIMIT_MS = 1_500;

/** How long the places of a trial are kept for the browser's word, milliseconds. */
export const TRIAL_HOLD_MS = 5_000;

/** What a choice has to gain by to be worth waiting for: less than a frame at 60 Hz nobody feels. */
export const WORTH_MS = 10;

/** A path that was measured longer ago is forgotten: a day, in milliseconds. */
export const PATH_MEMORY_MS = 86_400_000;

/** Paths a browser remembers at most. */
export const MAX_KNOWN_PATHS = 64;

/** What takes longer is no path. */
export const MAX_ROUND_TRIP_MS = 10_000;

/** Least of several pings: queues and busy machines only ever add to it. */
const roundTripMsSchema = z.number().min(0).max(MAX_ROUND_TRIP_MS);

/** A path that a browser measured before. */
export const knownPathSchema = z.strictObject({
  containerId: containerIdSchema,
  roundTripMs: roundTripMsSchema,
  ageMs: z.number().min(0).max(PATH_MEMORY_MS),
});
export type KnownPath = z.infer<typeof knownPathSchema>;

/** A container that has a connection ready for this player, and no game yet. */
export const triedContainerSchema = z.strictObject({
  sessionId: sessionIdSchema,
  containerId: containerIdSchema,
  name: z.string().max(80),
  /** How much shorter its path has to be to make up for all else: 0 for the best of them. */
  handicapMs: z.number().min(0),
});
export type TriedContainer = z.infer<typeof triedContainerSchema>;

/** A path that was measured for this play. */
export const triedPathSchema = z.strictObject({
  sessionId: sessionIdSchema,
  roundTripMs: roundTripMsSchema,
});
export type TriedPath = z.infer<typeof triedPathSchema>;

/** `choose`, player → signaling: how far the tried containers are; those that did not open are left out. */
export const chooseRequestSchema = z.strictObject({
  paths: z.array(triedPathSchema).max(MAX_TRIED),
});
export type ChooseRequest = z.infer<typeof chooseRequestSchema>;
