import { z } from 'zod';
import { buildManifestSchema } from './build-manifest.ts';
import { sha256Schema } from './content-digest.ts';
import { gameIdSchema } from './ids.ts';
import { studioSlugSchema } from './studio-access.ts';
import {
  archiveNameSchema,
  buildLabelSchema,
  buildListingSchema,
  gameTitleSchema,
} from './studio-builds.ts';

/** Where uploads are made and sent, by the tus protocol 1.0.0. */
export const UPLOADS_PATH = '/api/studio/uploads';

/** Of one archive. */
export const MAX_ARCHIVE_BYTES = 50 * 2 ** 30;

/**
 * So much is sent in one request. What came of one that broke off is kept, so this is no matter of what
 * is lost: proxies take requests of this size, and each is another question of who it is from.
 */
export const UPLOAD_PART_BYTES = 64 * 2 ** 20;

/** An upload of which nothing more has come for so long is forgotten. */
export const UPLOAD_LIFE_MS = 24 * 3_600_000;

export const uploadIdSchema = z.string().regex(/^[0-9a-f]{32}$/, 'the id of an upload');
export type UploadId = z.infer<typeof uploadIdSchema>;

/**
 * Whether a request for an upload may work in a while: the network, a server that starts anew, or another
 * request of the same upload.
 * @param status 0 where nothing was answered.
 */
export function mayWorkLater(method: string, status: number): boolean {
  // Bytes that are there already are asked about and left out; a beginning is refused for what stays.
  if (status === 409) return method === 'PATCH';
  return status === 0 || status === 423 || status === 429 || (status >= 500 && status !== 507);
}

/** What the `Upload-Metadata` of a new upload says (tus 1.0.0, Creation). */
export const uploadMetadataSchema = z.strictObject({
  studio: studioSlugSchema,
  game: gameIdSchema,
  name: archiveNameSchema,
  /**
   * What the same file has at another time, in another browser: whoever has it can go on with this
   * upload. Never a proof of what is in it.
   */
  fingerprint: z.string().min(1).max(200),
});
export type UploadMetadata = z.infer<typeof uploadMetadataSchema>;

/** An upload that has not become a build. */
export const openUploadSchema = z.strictObject({
  uploadId: uploadIdSchema,
  name: z.string(),
  fingerprint: z.string(),
  bytes: z.int().min(1),
  receivedBytes: z.int().min(0),
  startedBy: z.string(),
  startedAtMs: z.int().min(0),
});
export type OpenUpload = z.infer<typeof openUploadSchema>;

/** The answer to `GET …/games/GAME/uploads`: the oldest first. */
export const openUploadsSchema = z.strictObject({ uploads: z.array(openUploadSchema) });

/** `POST …/games/GAME/builds/recognise`: whether an archive has been uploaded before. */
export const recogniseSchema = z.strictObject({ sha256: sha256Schema });
export const recognisedSchema = z.strictObject({ build: buildListingSchema.nullable() });

/**
 * `POST …/games/GAME/builds`: a build of what was uploaded. May be asked again, whatever came of it the
 * first time; while the archive is compared with its digest it is to be asked again.
 */
export const finishUploadSchema = z.strictObject({
  uploadId: uploadIdSchema,
  sha256: sha256Schema,
  label: buildLabelSchema.default(''),
});
export type FinishUpload = z.input<typeof finishUploadSchema>;

export const finishedUploadSchema = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('comparing') }),
  z.strictObject({
    state: z.literal('accepted'),
    build: buildListingSchema,
    /** Whether the same archive had been uploaded before: this is the build that it became then. */
    again: z.boolean(),
  }),
]);
export type FinishedUpload = z.infer<typeof finishedUploadSchema>;

/** `POST …/builds/N/confirm`: what its `rockpool.json` is to say; the id is the game's. */
export const confirmBuildSchema = z.strictObject({
  manifest: buildManifestSchema.omit({ id: true, $schema: true, manifestVersion: true }).extend({
    title: gameTitleSchema,
  }),
});
export type ConfirmBuild = z.input<typeof confirmBuildSchema>;
