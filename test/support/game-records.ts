import { createHash, randomUUID } from 'node:crypto';
import { buildManifestSchema } from '../../protocol/build-manifest.ts';
import type { GameId } from '../../protocol/ids.ts';
import type { StudioId } from '../../protocol/studio-access.ts';
import {
  type BuildId,
  buildIdSchema,
  LIVE_CHANNEL,
  type ReleaseId,
  releaseIdSchema,
} from '../../protocol/studio-builds.ts';
import type { TryOutReport } from '../../protocol/try-out-report.ts';
import type { BuildRecord, GameRecord, ReleaseRecord } from '../../signaling/store/game-store.ts';
import { STUDIO_START_MS } from './studio-records.ts';

export const newGameId = (): GameId => `tide-${randomUUID().slice(0, 8)}`;
export const newBuildId = (): BuildId => buildIdSchema.parse(randomUUID());
export const newReleaseId = (): ReleaseId => releaseIdSchema.parse(randomUUID());
/** Of something that was never seen before. */
export const newSha256 = (): string => createHash('sha256').update(randomUUID()).digest('hex');

export function gameRecord(studioId: StudioId, changes: Partial<GameRecord> = {}): GameRecord {
  return {
    gameId: newGameId(),
    studioId,
    title: 'Tide',
    createdAtMs: STUDIO_START_MS,
    removedAtMs: undefined,
    goneAtMs: undefined,
    page: { description: '', summary: '', tags: [] },
    ...changes,
  };
}

/** A build that is being checked; its number is the store's to give. */
export function buildRecord(
  gameId: GameId,
  changes: Partial<Omit<BuildRecord, 'number'>> = {},
): Omit<BuildRecord, 'number'> {
  return {
    buildId: newBuildId(),
    gameId,
    state: 'checking',
    stateDetail: 'It is being unpacked.',
    label: '',
    createdAtMs: STUDIO_START_MS,
    createdBy: 'Ada',
    archive: { name: 'tide.zip', bytes: 1_000_000, sha256: newSha256() },
    files: 0,
    bytes: 0,
    storedBytes: 0,
    content: undefined,
    index: undefined,
    manifest: undefined,
    report: undefined,
    tryOut: undefined,
    removedAtMs: undefined,
    goneAtMs: undefined,
    ...changes,
  };
}

/** What a build has when it may be released. */
export function readyBuild(
  gameId: GameId,
  changes: Partial<Omit<BuildRecord, 'number'>> = {},
): Omit<BuildRecord, 'number'> {
  const manifest = buildManifestSchema.parse({
    id: gameId,
    title: 'Tide',
    runtime: 'web',
    entry: 'index.html',
  });
  return buildRecord(gameId, {
    state: 'ready',
    stateDetail: 'It may be released.',
    files: 12,
    bytes: 2_000_000,
    storedBytes: 1_500_000,
    content: newSha256(),
    index: { sha256: newSha256(), bytes: 4_000 },
    manifest,
    report: {
      name: 'tide.zip',
      files: 12,
      bytes: 2_000_000,
      manifest,
      problems: [],
      notes: [],
    },
    tryOut: tryOutReport(),
    ...changes,
  });
}

export function tryOutReport(changes: Partial<TryOutReport> = {}): TryOutReport {
  return {
    containerName: 'Attic',
    region: 'eu-west',
    atMs: STUDIO_START_MS,
    bootMs: 812.5,
    firstFrameMs: 1_034,
    frames: 1_180,
    frameRate: 59,
    frameTimeP50Ms: 16.7,
    frameTimeP95Ms: 18.2,
    encodeP50Ms: 3.1,
    encodeP95Ms: 4.4,
    encoder: 'libx264',
    resolution: { width: 1280, height: 720 },
    cpus: 0.8,
    memoryBytes: 300_000_000,
    exitCode: null,
    problem: null,
    notes: [],
    log: ['hello'],
    screenshots: [
      { sha256: newSha256(), bytes: 30_000, width: 1280, height: 720, format: 'webp', atMs: 1_016 },
    ],
    clip: null,
    poster: null,
    ...changes,
  };
}

export function releaseRecord(
  gameId: GameId,
  buildId: BuildId,
  changes: Partial<ReleaseRecord> = {},
): ReleaseRecord {
  return {
    releaseId: newReleaseId(),
    gameId,
    channel: LIVE_CHANNEL,
    buildId,
    percent: 100,
    beforeBuildId: undefined,
    atMs: STUDIO_START_MS,
    byName: 'Ada',
    ...changes,
  };
}
