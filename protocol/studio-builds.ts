import { z } from 'zod';
import { buildManifestSchema } from './build-manifest.ts';
import { buildReportSchema } from './build-report.ts';
import { sha256Schema } from './content-digest.ts';
import { gameIdSchema } from './ids.ts';
import { type Screenshot, tryOutReportSchema } from './try-out-report.ts';

export const buildIdSchema = z.uuid().brand<'BuildId'>();
export type BuildId = z.infer<typeof buildIdSchema>;

export const releaseIdSchema = z.uuid().brand<'ReleaseId'>();
export type ReleaseId = z.infer<typeof releaseIdSchema>;

/** Epoch milliseconds by signaling's clock. */
const timeMsSchema = z.int().min(0);
const bytesSchema = z.int().min(0);

/** What a game's players choose a build by: lower-case words joined by dashes. */
export const channelSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, 'lower-case letters, digits and dashes');
export type Channel = z.infer<typeof channelSchema>;

/** What whoever names no channel plays, and what the library lists. */
export const LIVE_CHANNEL = 'live';

/**
 * - `checking`: unpacked, checked, and packed into the store of blobs.
 * - `refused`: the report's problems say why.
 * - `unconfirmed`: it has no `rockpool.json`, and what is proposed for one waits for a person.
 * - `trying`: the platform starts it on a container, or waits for one that can.
 * - `failed`: that went wrong; what was seen is in the try-out's report.
 * - `ready`: it may be released.
 */
export const buildStateSchema = z.enum([
  'checking',
  'refused',
  'unconfirmed',
  'trying',
  'failed',
  'ready',
]);
export type BuildState = z.infer<typeof buildStateSchema>;

/** Of a build in one of these nothing more happens by itself. */
export const SETTLED_STATES: ReadonlySet<BuildState> = new Set([
  'refused',
  'unconfirmed',
  'failed',
  'ready',
]);

/** Such as a revision: one line of at most 60 characters, or none. */
export const buildLabelSchema = z
  .string()
  .trim()
  .max(60, 'at most 60 characters')
  .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, 'one line of text');

/** A number of a game's builds: 1, 2, 3 and so on. */
export const buildNumberSchema = z.int().min(1).max(1_000_000_000);

/** What a try-out has seen of a build. */
export type BuildPicture = Screenshot;

/** What a studio says of a game on its page. */
export const gamePageSchema = z.strictObject({
  /** Markdown. */
  description: z.string().max(20_000).default(''),
  summary: z.string().max(280).default(''),
  tags: z.array(z.string().trim().min(1).max(30)).max(10).default([]),
});
export type GamePage = z.infer<typeof gamePageSchema>;

export const gameTitleSchema = buildManifestSchema.shape.title;

/** `POST /api/studio/studios/SLUG/games`. */
export const createGameSchema = z.strictObject({
  id: gameIdSchema,
  title: z.string().trim().min(1, 'must not be empty').max(80, 'at most 80 characters'),
});
export type CreateGame = z.infer<typeof createGameSchema>;

/** `PATCH …/games/GAME`. */
export const updateGameSchema = z.strictObject({ title: createGameSchema.shape.title });

/** What an archive is called, without folders. */
export const archiveNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .regex(/^[^/\\\p{Cc}\p{Cs}]+$/u, 'the name of a file');

export const buildArchiveSchema = z.strictObject({
  name: z.string(),
  bytes: bytesSchema,
  sha256: sha256Schema,
});
export type BuildArchive = z.infer<typeof buildArchiveSchema>;

/** A build in a list. */
export const buildListingSchema = z.strictObject({
  buildId: buildIdSchema,
  number: buildNumberSchema,
  state: buildStateSchema,
  /** A sentence. */
  stateDetail: z.string(),
  label: z.string(),
  createdAtMs: timeMsSchema,
  /** Who uploaded it, as they were called then. */
  createdBy: z.string(),
  archive: buildArchiveSchema,
  files: z.int().min(0),
  bytes: bytesSchema,
});
export type BuildListing = z.infer<typeof buildListingSchema>;

/** The answer to `GET …/games/GAME/builds/N`. */
export const buildDetailsSchema = buildListingSchema.extend({
  /** Null until it is checked. */
  report: buildReportSchema.nullable(),
  manifest: buildManifestSchema.nullable(),
  tryOut: tryOutReportSchema.nullable(),
});
export type BuildDetails = z.infer<typeof buildDetailsSchema>;

/** What was deleted can be taken back for so long; then it is gone. */
export const KEEP_DELETED_MS = 7 * 24 * 3_600_000;

/** A build that was deleted and can be taken back. */
export const deletedBuildSchema = z.strictObject({
  number: buildNumberSchema,
  label: z.string(),
  archiveName: z.string(),
  deletedAtMs: timeMsSchema,
  /** From then on it cannot. */
  goneAtMs: timeMsSchema,
});
export type DeletedBuild = z.infer<typeof deletedBuildSchema>;

/** A game that was deleted and can be taken back, with all it has. */
export const deletedGameSchema = z.strictObject({
  gameId: gameIdSchema,
  title: z.string(),
  deletedAtMs: timeMsSchema,
  goneAtMs: timeMsSchema,
});
export type DeletedGame = z.infer<typeof deletedGameSchema>;

export const BUILDS_PAGE = 50;

/** The answer to `GET …/games/GAME/builds`: the newest first. */
export const buildListSchema = z.strictObject({
  builds: z.array(buildListingSchema).max(BUILDS_PAGE),
  more: z.boolean(),
  /** The one deleted last first. */
  deleted: z.array(deletedBuildSchema),
  nowMs: timeMsSchema,
});
export type BuildList = z.infer<typeof buildListSchema>;

export const studioGameSchema = z.strictObject({
  gameId: gameIdSchema,
  title: z.string(),
  createdAtMs: timeMsSchema,
  /** The newest one. */
  latest: buildListingSchema.nullable(),
  /** Number of the build that players of the live channel get, most of them while it is rolled out. */
  liveBuild: buildNumberSchema.nullable(),
});
export type StudioGame = z.infer<typeof studioGameSchema>;

/** The answer to `GET /api/studio/studios/SLUG/games`: by title. */
export const studioGamesSchema = z.strictObject({
  games: z.array(studioGameSchema),
  /** The one deleted last first. */
  deleted: z.array(deletedGameSchema),
  storage: z.strictObject({
    /** What its builds take, and uploads that are not finished. */
    usedBytes: bytesSchema,
    quotaBytes: bytesSchema,
  }),
  nowMs: timeMsSchema,
});
export type StudioGames = z.infer<typeof studioGamesSchema>;
