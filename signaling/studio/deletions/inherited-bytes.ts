import type { Blob } from '../../../protocol/build-index.ts';
import type { BuildId } from '../../../protocol/studio-builds.ts';

/** A build of a studio, and what it consists of. */
export interface CountedBuild {
  readonly buildId: BuildId;
  /** Whether it is forgotten now. */
  readonly isGoing: boolean;
  readonly blobs: readonly Blob[];
}

/**
 * What a build has brought counts for it alone, however many others need it later. When it goes, what
 * is still needed counts for the oldest of those instead.
 * @param builds of one studio, the oldest first.
 * @returns by how many bytes more those count that stay.
 */
export function inheritedBytes(builds: readonly CountedBuild[]): ReadonlyMap<BuildId, number> {
  const brought = new Map<string, boolean>();
  const inherited = new Map<BuildId, number>();
  const taken = new Set<string>();
  for (const { isGoing, blobs } of builds) {
    for (const { sha256 } of blobs) if (!brought.has(sha256)) brought.set(sha256, isGoing);
  }
  for (const { buildId, isGoing, blobs } of builds) {
    if (isGoing) continue;
    for (const { sha256, bytes } of blobs) {
      if (!brought.get(sha256) || taken.has(sha256)) continue;
      taken.add(sha256);
      inherited.set(buildId, (inherited.get(buildId) ?? 0) + bytes);
    }
  }
  return inherited;
}
