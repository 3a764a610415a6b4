import { z } from 'zod';
import { buildManifestSchema } from './build-manifest.ts';

/** Something that keeps a build from being taken. */
export const buildProblemSchema = z.strictObject({
  /** File at fault, where it is one. */
  path: z.string().optional(),
  /** A sentence, or the name of a field and what is wrong with it. */
  what: z.string(),
  /** A sentence that says what to do; empty where the other one says so already. */
  remedy: z.string(),
});
export type BuildProblem = z.infer<typeof buildProblemSchema>;

/** How sure a proposal is: it follows from what an engine leaves; it is usual; it is one of several. */
export const confidenceSchema = z.enum(['certain', 'likely', 'guess']);
export type Confidence = z.infer<typeof confidenceSchema>;

/** What is proposed for a build's `rockpool.json`: the fields that say more than a default. */
export const proposedManifestSchema = z.strictObject({
  id: buildManifestSchema.shape.id,
  title: buildManifestSchema.shape.title,
  runtime: buildManifestSchema.shape.runtime,
  entry: buildManifestSchema.shape.entry,
  arguments: z.array(z.string()).optional(),
  saves: z.array(z.string()).optional(),
  packages: z.array(z.string()).optional(),
  cover: z.string().optional(),
});
export type ProposedManifest = z.infer<typeof proposedManifestSchema>;

export const manifestProposalSchema = z.strictObject({
  manifest: proposedManifestSchema,
  /** Such as "a Unity web build". */
  kind: z.string(),
  confidence: confidenceSchema,
  /** What was found that speaks for it, a sentence each. */
  reasons: z.array(z.string()),
  /** What else might be meant. */
  alternatives: z.array(
    z.strictObject({
      runtime: buildManifestSchema.shape.runtime,
      entry: buildManifestSchema.shape.entry,
      reason: z.string(),
    }),
  ),
  /** What no file says. */
  questions: z.array(z.strictObject({ field: z.string(), question: z.string() })),
});
export type ManifestProposal = z.infer<typeof manifestProposalSchema>;

/** What was found in a build before anybody plays it. */
export const buildReportSchema = z.strictObject({
  /** As the folder or archive is called. */
  name: z.string(),
  files: z.int().min(0),
  bytes: z.int().min(0),
  /** Left out where there is none, or a bad one. */
  manifest: buildManifestSchema.optional(),
  /** Where there is no `rockpool.json`, and something that might be played. */
  proposal: manifestProposalSchema.optional(),
  problems: z.array(buildProblemSchema),
  /** What was changed or is worth knowing, a sentence each. */
  notes: z.array(z.string()),
});
export type BuildReport = z.infer<typeof buildReportSchema>;
