import { z } from 'zod';
import { isBuildPath } from './build-path.ts';
import { sha256Schema } from './content-digest.ts';

/** Of this format; rises when an earlier release would misread a later index. */
export const BUILD_INDEX_VERSION = 1;

const bytesSchema = z.int().min(0);
const pathSchema = z.string().refine(isBuildPath, 'a path inside a build');

/** Content that is kept under its SHA-256. */
export const blobSchema = z.strictObject({ sha256: sha256Schema, bytes: z.int().min(1) });
export type Blob = z.infer<typeof blobSchema>;

/**
 * Where a part of a file lies: number of the blob in the index, the part's first byte in it, and its
 * bytes. A tuple, because a build may have 100,000 of them.
 */
export const pieceSchema = z.tuple([z.int().min(0), bytesSchema, z.int().min(1)]);
export type Piece = z.infer<typeof pieceSchema>;

export const indexedFileSchema = z.strictObject({
  path: pathSchema,
  bytes: bytesSchema,
  sha256: sha256Schema,
  /** Set where it may be run. */
  runs: z.literal(true).optional(),
  /** In the order of the file; none for an empty one. */
  pieces: z.array(pieceSchema),
});
export type IndexedFile = z.infer<typeof indexedFileSchema>;

/** What a build consists of and where each byte of it lies. Immutable, as the build is. */
export const buildIndexSchema = z
  .strictObject({
    indexVersion: z.literal(BUILD_INDEX_VERSION),
    /** SHA-256 of {@link contentText}: the same for the same files, however they are packed. */
    content: sha256Schema,
    /** By path. */
    files: z.array(indexedFileSchema),
    /** Symbolic links, none of which leads out of the build. */
    links: z.array(z.strictObject({ path: pathSchema, target: z.string().min(1).max(4095) })),
    /** Those with nothing in them: the others follow from what lies in them. */
    emptyFolders: z.array(pathSchema),
    blobs: z.array(blobSchema),
  })
  .superRefine(({ files, blobs }, context) => {
    for (const { path, bytes, pieces } of files) {
      const total = pieces.reduce((sum, [, , piece]) => sum + piece, 0);
      const isInside = pieces.every(
        ([blob, from, piece]) => from + piece <= (blobs[blob]?.bytes ?? 0),
      );
      if (total === bytes && isInside) continue;
      context.addIssue({ code: 'custom', message: `the pieces of ${path} do not make it up` });
    }
  });
export type BuildIndex = z.infer<typeof buildIndexSchema>;

/** What a build's identity is taken of: every path with what it holds, in the order of paths. */
export function contentText({
  files,
  links,
  emptyFolders,
}: Pick<BuildIndex, 'files' | 'links' | 'emptyFolders'>): string {
  const lines = [
    ...files.map(({ path, sha256, runs }) => [path, runs ? 'program' : 'file', sha256]),
    ...links.map(({ path, target }) => [path, 'link', target]),
    ...emptyFolders.map((path) => [path, 'folder', '']),
  ];
  // No path has a line break in it.
  return lines
    .map((line) => line.join('\n'))
    .sort()
    .join('\n\n');
}
