import { z } from 'zod';
import { blobSchema } from './build-index.ts';
import { buildManifestSchema } from './build-manifest.ts';
import { tokenSchema } from './ids.ts';
import { buildIdSchema } from './studio-builds.ts';

/** A studio's build that a container is to play, and what it needs to get it. */
export const buildOrderSchema = z.strictObject({
  buildId: buildIdSchema,
  /** The blob that says what the build consists of: a `BuildIndex` as JSON. */
  index: blobSchema,
  /** Its `id` is the game's. */
  manifest: buildManifestSchema,
  /** Opens the blobs of this build to this container, for a while. */
  token: tokenSchema,
});
export type BuildOrder = z.infer<typeof buildOrderSchema>;

/** Where signaling gives the blobs of builds to containers. */
export const BLOBS_PATH = '/api/builds/blobs';

/** Site-relative address of a blob. */
export function blobPath(sha256: string): string {
  return `${BLOBS_PATH}/${sha256}`;
}

/** Builds that a container may tell it has on its disk. */
export const MAX_WARM_BUILDS = 10_000;

/** What a container does with studios' builds. */
export const containerBuildsSchema = z.strictObject({
  /** Those it can run; none where it plays no builds of studios. */
  runtimes: z.array(buildManifestSchema.shape.runtime).max(2),
  /** Builds that are on its disk, ready to be played. */
  warm: z.array(buildIdSchema).max(MAX_WARM_BUILDS),
});
export type ContainerBuilds = z.infer<typeof containerBuildsSchema>;

/** `warm-builds`, container → signaling: these are on my disk now, and no others. */
export const warmBuildsSchema = containerBuildsSchema.pick({ warm: true });
export type WarmBuilds = z.infer<typeof warmBuildsSchema>;
