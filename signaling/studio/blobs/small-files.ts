import { createHash } from 'node:crypto';
import type { BuildIndex } from '../../../protocol/build-index.ts';

const KIB = 1024;

/** Bundles are closed at borders that paths decide, from this size on, and at the latest at the other. */
const LEAST_BYTES = 256 * KIB;
const MOST_BYTES = 1024 * KIB;
/** One path in so many closes a bundle. */
const CLOSING_ONE_IN = 16;

/** A bundle of an earlier version is used again while so much of it is still wanted. */
const LEAST_LIVE_SHARE = 0.5;

/** A file that is kept together with others. */
export interface SmallFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Where a small file lies already: blob, first byte. */
export interface KeptPlace {
  readonly blob: string;
  readonly from: number;
}

/**
 * Which small files lie in blobs of an earlier version. A bundle of which too little is wanted is left
 * out: else every version would keep a few files of each one before it alive.
 */
export function keptPlaces(
  files: readonly SmallFile[],
  previous: BuildIndex | undefined,
): ReadonlyMap<string, KeptPlace> {
  const places = new Map<string, KeptPlace>();
  if (!previous) return places;
  for (const { sha256, pieces } of previous.files) {
    const [piece, ...more] = pieces;
    const blob = piece && previous.blobs[piece[0]];
    if (blob && more.length === 0) places.set(sha256, { blob: blob.sha256, from: piece[1] });
  }
  const live = new Map<string, number>();
  for (const { sha256, bytes } of uniqueBy(files)) {
    const blob = places.get(sha256)?.blob;
    if (blob !== undefined) live.set(blob, (live.get(blob) ?? 0) + bytes);
  }
  const sizes = new Map(previous.blobs.map(({ sha256, bytes }) => [sha256, bytes]));
  for (const [sha256, { blob }] of places) {
    if ((live.get(blob) ?? 0) < LEAST_LIVE_SHARE * (sizes.get(blob) ?? 0)) places.delete(sha256);
  }
  return places;
}

/** Files in the order of their paths, in bundles whose borders other files hardly move. */
export function bundlesOf(files: readonly SmallFile[]): SmallFile[][] {
  const bundles: SmallFile[][] = [];
  let bundle: SmallFile[] = [];
  let bytes = 0;
  for (const file of uniqueBy(files)) {
    if (bytes + file.bytes > MOST_BYTES) close();
    bundle.push(file);
    bytes += file.bytes;
    if (bytes >= LEAST_BYTES && closes(file.path)) close();
  }
  if (bundle.length > 0) close();
  return bundles;

  function close() {
    bundles.push(bundle);
    bundle = [];
    bytes = 0;
  }
}

/** The first of those with the same content; empty files need no place. */
function uniqueBy(files: readonly SmallFile[]): SmallFile[] {
  const seen = new Set<string>();
  return files.filter(({ sha256, bytes }) => {
    if (bytes === 0 || seen.has(sha256)) return false;
    seen.add(sha256);
    return true;
  });
}

function closes(path: string): boolean {
  return createHash('sha256').update(path).digest().readUInt32LE(0) % CLOSING_ONE_IN === 0;
}
