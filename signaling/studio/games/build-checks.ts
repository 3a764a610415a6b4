import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { BuildManifest } from '../../../protocol/build-manifest.ts';
import type { BuildProblem, BuildReport } from '../../../protocol/build-report.ts';
import { RockpoolError } from '../../../protocol/errors.ts';
import type { BuildId } from '../../../protocol/studio-builds.ts';
import { UPLOAD_LIFE_MS } from '../../../protocol/studio-uploads.ts';
import { isDiskFull } from '../../data-folder.ts';
import type { BuildPatch, BuildRecord } from '../../store/game-store.ts';
import type { StudioStore } from '../../store/studio-store.ts';
import type { Timers } from '../../timers.ts';
import type { BlobPlace } from '../blobs/blob-place.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import { readIndex } from '../blobs/build-image.ts';
import { packInProcess } from '../blobs/pack-process.ts';
import { ArchiveRefusal } from '../builds/archive-refusal.ts';
import { checkBuild } from '../builds/build-check.ts';
import { type UnpackLimits, unpackLimitsSchema } from '../builds/unpack-limits.ts';
import { UnpackedBuild } from '../builds/unpacked-build.ts';
import type { TryOuts } from '../try-outs/try-outs.ts';
import { isQuotaReached, quotaReached } from '../uploads/uploads.ts';
import { withManifest } from './manifest-overlay.ts';

/** What games may be built for: those of the machines that join a pool. */
export const ARCHITECTURES: readonly string[] = ['x64', 'arm64'];

/** An archive of 50 GiB, unpacked at 50 MB/s. */
const LIMITS: UnpackLimits = unpackLimitsSchema.parse({
  bytes: 128 * 2 ** 30,
  timeMs: 60 * 60_000,
});

/** Of those under way when a process ended. */
const MAX_RESUMED = 1000;
/** How far back a version is looked for that the next is like. */
const MAX_LOOKED_AT = 20;

/** A disk that is full may be emptied meanwhile: so often it is looked, and for so long. */
export const ROOM_RETRY_MS = 60_000;
const ROOM_WAIT_MS = UPLOAD_LIFE_MS;

const WAITS_FOR_ROOM =
  'The disk of this Rockpool is full. It is checked once there is room: ask the operator to make some.';

export const TRYING_DETAIL = 'It waits for a machine to be started on.';

export interface BuildChecksOptions {
  readonly store: StudioStore;
  readonly place: BlobPlace;
  /** The same, for what is small. */
  readonly blobs: BlobStore;
  /** For archives that wait, and what is unpacked of them: of this process alone. */
  readonly folder: string;
  readonly quotaBytes: number;
  readonly tryOuts: Pick<TryOuts, 'start'>;
  /** Whether archives that are not here are nowhere, because there is no other node. */
  readonly alone: boolean;
  readonly timers: Timers;
  readonly log: Logger;
}

/**
 * Takes builds from the archive to what may be tried: one at a time, because each uses the disk and a
 * processor to the full. A build is `checking` until all of it is done, and nothing of it counts before:
 * whatever ends this process, the next begins it anew.
 */
export class BuildChecks {
  readonly #options: BuildChecksOptions;
  readonly #waiting: BuildId[] = [];
  readonly #progress = new Map<BuildId, string>();
  /** Those that wait for room on the disk: since when, and how that is called off. */
  readonly #full = new Map<BuildId, { readonly sinceMs: number; readonly cancel: () => void }>();
  readonly #abort = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: BuildChecksOptions) {
    this.#options = options;
  }

  /** Where the archive of a build has to lie for {@link start}. */
  archivePath(buildId: BuildId): string {
    return join(this.#options.folder, 'archives', buildId);
  }

  /** Goes on with what another process has left, and removes what belongs to nothing. */
  async resume(): Promise<void> {
    const { store, alone, tryOuts } = this.#options;
    await UnpackedBuild.sweep(this.#unpackingFolder);
    const archives = join(this.#options.folder, 'archives');
    await mkdir(archives, { recursive: true, mode: 0o700 });
    const checking = await store.games.buildsInState('checking', MAX_RESUMED);
    const ours = new Set<string>(checking.map(({ buildId }) => buildId));
    for (const name of await readdir(archives)) {
      if (!ours.has(name)) await rm(join(archives, name), { force: true });
    }
    for (const build of checking) {
      const isHere = await stat(this.archivePath(build.buildId)).then(
        () => true,
        () => false,
      );
      if (isHere) this.start(build.buildId);
      else if (alone) await this.#settle(build, refused(build, [LOST]));
    }
    for (const { buildId } of await store.games.buildsInState('trying', MAX_RESUMED)) {
      tryOuts.start(buildId);
    }
  }

  /** Checks a build whose archive is there. */
  start(buildId: BuildId): void {
    if (this.#abort.signal.aborted || this.#progress.has(buildId)) return;
    this.#progress.set(buildId, 'It waits for another build to be checked.');
    this.#waiting.push(buildId);
    this.#running ??= this.#runAll();
  }

  /** What is being done with it, a sentence; undefined where nothing is here. */
  progressOf(buildId: BuildId): string | undefined {
    return this.#progress.get(buildId);
  }

  /** Gives up what is under way, for the next process. May be called again. */
  async close(): Promise<void> {
    this.#abort.abort();
    for (const { cancel } of this.#full.values()) cancel();
    await this.#running;
  }

  async #runAll(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      if (this.#abort.signal.aborted) break;
      let waits = false;
      try {
        waits = await this.#run(next);
      } catch (err) {
        // The store is away: the build stays as it is, and the next process finds it.
        this.#options.log.error({ err, buildId: next }, 'a build could not be checked');
      }
      if (waits) continue;
      this.#full.delete(next);
      this.#progress.delete(next);
    }
    this.#running = undefined;
  }

  /** @returns whether it waits for room. */
  async #run(buildId: BuildId): Promise<boolean> {
    const build = await this.#options.store.games.build(buildId);
    if (build?.state !== 'checking') return false;
    let patch: BuildPatch;
    try {
      patch = await this.#check(build);
    } catch (error) {
      if (this.#abort.signal.aborted) return false;
      if (isForWantOfRoom(error) && this.#tryLater(buildId)) return true;
      patch = refused(build, [this.#problemOf(error, buildId)]);
    }
    await this.#settle(build, patch);
    return false;
  }

  /** @returns false where it has waited long enough. */
  #tryLater(buildId: BuildId): boolean {
    const { timers, log } = this.#options;
    const nowMs = timers.nowMs();
    const sinceMs = this.#full.get(buildId)?.sinceMs ?? nowMs;
    if (nowMs - sinceMs > ROOM_WAIT_MS) return false;
    if (!this.#full.has(buildId)) log.warn({ buildId }, 'a build waits for room on the disk');
    const cancel = timers.after(ROOM_RETRY_MS, () => {
      this.#progress.delete(buildId);
      this.start(buildId);
    });
    this.#full.set(buildId, { sinceMs, cancel });
    this.#progress.set(buildId, WAITS_FOR_ROOM);
    return true;
  }

  async #check(build: BuildRecord): Promise<BuildPatch> {
    const { signal } = this.#abort;
    const { buildId, archive } = build;
    this.#progress.set(buildId, 'It is being unpacked.');
    const unpacked = await UnpackedBuild.open(this.archivePath(buildId), {
      folder: this.#unpackingFolder,
      name: archive.name,
      limits: LIMITS,
      signal,
    });
    try {
      this.#progress.set(buildId, 'It is being checked.');
      const found = await checkBuild(unpacked.files, { architectures: ARCHITECTURES });
      const report = { ...found, notes: [...unpacked.notes, ...found.notes] };
      if (report.problems.length > 0) return refused(build, report.problems, report);
      this.#progress.set(buildId, 'It is being stored.');
      return await this.#pack(build, unpacked.folder, report);
    } finally {
      await unpacked.close();
    }
  }

  async #pack(build: BuildRecord, folder: string, report: BuildReport): Promise<BuildPatch> {
    const { store, place, quotaBytes } = this.#options;
    const { signal } = this.#abort;
    const { gameId } = build;
    const earlier = await store.games.buildsOf(gameId, { limit: MAX_LOOKED_AT });
    const previous = earlier.find(({ index }) => index !== undefined)?.index?.sha256 ?? null;
    const packed = await packInProcess({ folder, place, previous }, signal);
    const game = await store.games.game(gameId);
    if (game) {
      const used = await store.games.studioBytes(game.studioId);
      if (used + packed.storedBytes > quotaBytes) {
        throw quotaReached(packed.storedBytes, used, quotaBytes);
      }
    }
    const facts = { files: report.files, bytes: report.bytes };
    const { manifest } = report;
    if (!manifest) {
      const stateDetail = 'It has no rockpool.json. Look through the one proposed, and confirm it.';
      return { ...facts, ...packed, state: 'unconfirmed', stateDetail, report };
    }
    const named = await this.#named(manifest, gameId, packed);
    const same = await store.games.buildByContent(gameId, named.content);
    const notes = [
      ...report.notes,
      ...(manifest.id === gameId
        ? []
        : [`rockpool.json calls the game "${manifest.id}"; here it is "${gameId}".`]),
      ...(same ? [`Its files are the same as those of build ${same.number}.`] : []),
    ];
    return {
      ...facts,
      ...named,
      state: 'trying',
      stateDetail: TRYING_DETAIL,
      report: { ...report, notes, manifest: named.manifest },
    };
  }

  /** A build is what its game is called, whatever its file says. */
  async #named(
    manifest: BuildManifest,
    gameId: string,
    packed: Awaited<ReturnType<typeof packInProcess>>,
  ) {
    if (manifest.id === gameId) return { ...packed, manifest };
    const { blobs } = this.#options;
    const named = { ...manifest, id: gameId };
    const index = await readIndex(packed.index.sha256, blobs);
    const changed = await withManifest(index, named, new Set(), blobs);
    const storedBytes = packed.storedBytes + changed.storedBytes;
    return { ...changed, storedBytes, manifest: named };
  }

  async #settle({ buildId, number }: BuildRecord, patch: BuildPatch): Promise<void> {
    const { store, tryOuts, log } = this.#options;
    const isMoved = await store.transact(({ games }) =>
      games.updateBuild(buildId, ['checking'], patch),
    );
    await rm(this.archivePath(buildId), { force: true });
    if (!isMoved) return;
    log.info({ buildId, number, state: patch.state }, 'a build was checked');
    if (patch.state === 'trying') tryOuts.start(buildId);
  }

  #problemOf(error: unknown, buildId: BuildId): BuildProblem {
    if (error instanceof RockpoolError && error.code !== 'internal') {
      return { what: error.message, remedy: '' };
    }
    this.#options.log.error({ err: error, buildId }, 'a build could not be checked');
    return {
      what: 'Something went wrong while it was checked.',
      remedy: 'Upload it again; if that does not help, its operator finds why in the log.',
    };
  }

  get #unpackingFolder(): string {
    return join(this.#options.folder, 'unpacking');
  }
}

/** The disk's, which an operator can change; not that of the studio's quota. */
function isForWantOfRoom(error: unknown): boolean {
  if (isDiskFull(error)) return true;
  if (error instanceof ArchiveRefusal) return error.reason === 'disk-full';
  return error instanceof RockpoolError && error.code === 'no-space' && !isQuotaReached(error);
}

const LOST: BuildProblem = {
  what: 'Its archive was lost before it was checked.',
  remedy: 'Upload it again.',
};

function refused(
  { archive }: BuildRecord,
  problems: readonly BuildProblem[],
  found?: BuildReport,
): BuildPatch {
  const base = found ?? { name: archive.name, files: 0, bytes: 0, problems: [], notes: [] };
  const count = problems.length;
  return {
    state: 'refused',
    stateDetail: count === 1 ? (problems[0]?.what ?? '') : `It has ${count} problems.`,
    files: base.files,
    bytes: base.bytes,
    report: { ...base, problems: [...problems] },
  };
}
