import { z } from 'zod';
import { containerIdSchema } from './ids.ts';

/** Why a container was not ranked, in the order in which it is looked at. */
export const REJECTIONS = [
  'not-on-standby',
  'game-missing',
  'no-common-codec',
  'no-gpu',
  'too-small',
  'too-dear',
  'too-far',
  'full',
  'refused',
] as const;
export const rejectionSchema = z.enum(REJECTIONS);
/**
 * `too-small`: it could not take the session even if it were empty. `full`: it could, were it empty.
 * `refused`: it was asked before for this ticket, and did not take it.
 */
export type Rejection = z.infer<typeof rejectionSchema>;

/** What a score is the sum of. */
export const SCORE_TERMS = ['path', 'quality', 'headroom', 'warmth', 'price'] as const;
export type ScoreTerm = (typeof SCORE_TERMS)[number];

/** Milliseconds each, as if they were delay: less is better. */
export const scoreTermsSchema = z.strictObject({
  path: z.number(),
  quality: z.number(),
  headroom: z.number(),
  warmth: z.number(),
  price: z.number(),
});
export type ScoreTerms = z.infer<typeof scoreTermsSchema>;

export const rankedContainerSchema = z.strictObject({
  containerId: containerIdSchema,
  name: z.string().max(80),
  region: z.string().max(40),
  /** The sum of the terms. */
  scoreMs: z.number(),
  terms: scoreTermsSchema,
  /** `measured` by this player's browser, `history` of the region, or nothing is known. */
  pathSource: z.enum(['measured', 'history', 'unknown']),
});
export type RankedContainer = z.infer<typeof rankedContainerSchema>;

/** No decision tells of more containers: those that came first. */
export const MAX_RANKED = 16;

/** One decision of the indexer, with everything it followed from. */
export const pairingDecisionSchema = z.strictObject({
  /** Of the weights: see signaling/indexer/parameters.ts. */
  parametersVersion: z.int().min(1),
  seed: z.int().min(0).max(0xffff_ffff),
  /** How long the ticket had waited. */
  waitedMs: z.number().min(0),
  /** The longest path it was ready to take by then, round trip. */
  latencyLimitMs: z.number().min(0),
  /** Containers there were. */
  considered: z.int().min(0),
  /**
   * `not-on-standby` and `game-missing` are of the whole pool. The others are of every container on standby
   * that has the game where none was chosen, else of those looked at before the best were certain.
   */
  rejected: z.partialRecord(rejectionSchema, z.int().min(0)),
  /** Best first; the first is the one chosen. */
  ranked: z.array(rankedContainerSchema).max(MAX_RANKED),
});
export type PairingDecision = z.infer<typeof pairingDecisionSchema>;
