import { z } from 'zod';
import { blobSchema } from '../../protocol/build-index.ts';
import { buildManifestSchema } from '../../protocol/build-manifest.ts';
import { buildReportSchema } from '../../protocol/build-report.ts';
import { gameIdSchema } from '../../protocol/ids.ts';
import { studioIdSchema } from '../../protocol/studio-access.ts';
import {
  buildIdSchema,
  buildStateSchema,
  channelSchema,
  gamePageSchema,
  releaseIdSchema,
} from '../../protocol/studio-builds.ts';
import { tryOutReportSchema } from '../../protocol/try-out-report.ts';
import type { BuildRecord, GameRecord, ReleaseRecord } from './game-store.ts';
import { atMsSchema, orUndefined } from './stored-rows.ts';

// A database is an edge: another release may have written the row, or a person.

export const gameRowSchema: z.ZodType<GameRecord> = z.strictObject({
  gameId: gameIdSchema,
  studioId: studioIdSchema,
  title: z.string(),
  createdAtMs: atMsSchema,
  removedAtMs: orUndefined(atMsSchema),
  goneAtMs: orUndefined(atMsSchema),
  page: gamePageSchema,
});

/** Its archive stands in columns of their own, because it is looked for by digest. */
export const buildRowSchema: z.ZodType<BuildRecord> = z
  .strictObject({
    buildId: buildIdSchema,
    gameId: gameIdSchema,
    number: z.int(),
    state: buildStateSchema,
    stateDetail: z.string(),
    label: z.string(),
    createdAtMs: atMsSchema,
    createdBy: z.string(),
    archiveName: z.string(),
    archiveBytes: z.int(),
    archiveSha256: z.string(),
    files: z.int(),
    bytes: z.int(),
    storedBytes: z.int(),
    content: orUndefined(z.string()),
    index: orUndefined(blobSchema),
    manifest: orUndefined(buildManifestSchema),
    report: orUndefined(buildReportSchema),
    tryOut: orUndefined(tryOutReportSchema),
    removedAtMs: orUndefined(atMsSchema),
    goneAtMs: orUndefined(atMsSchema),
  })
  .transform(({ archiveName, archiveBytes, archiveSha256, ...build }) => ({
    ...build,
    archive: { name: archiveName, bytes: archiveBytes, sha256: archiveSha256 },
  }));

export const releaseRowSchema: z.ZodType<ReleaseRecord> = z.strictObject({
  releaseId: releaseIdSchema,
  gameId: gameIdSchema,
  channel: channelSchema,
  buildId: buildIdSchema,
  percent: z.int().min(1).max(100),
  beforeBuildId: orUndefined(buildIdSchema),
  atMs: atMsSchema,
  byName: z.string(),
});
