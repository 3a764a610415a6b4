import type { BuildDetails, BuildListing } from '../../../protocol/studio-builds.ts';
import type { BuildRecord } from '../../store/game-store.ts';

/** @param progress in the place of what the record says, where something is under way. */
export function listingOf(build: BuildRecord, progress: string | undefined): BuildListing {
  const { buildId, number, state, label, createdAtMs, createdBy, archive, files, bytes } = build;
  const stateDetail = progress ?? build.stateDetail;
  return {
    buildId,
    number,
    state,
    stateDetail,
    label,
    createdAtMs,
    createdBy,
    archive,
    files,
    bytes,
  };
}

export function detailsOf(build: BuildRecord, progress: string | undefined): BuildDetails {
  const { report, manifest, tryOut } = build;
  return {
    ...listingOf(build, progress),
    report: report ?? null,
    manifest: manifest ?? null,
    tryOut: tryOut ?? null,
  };
}
