import { randomUUID } from 'node:crypto';
import { link, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type BuildManifest, MANIFEST_FILE } from '../../../protocol/build-manifest.ts';
import { RockpoolError } from '../../../protocol/errors.ts';
import {
  BUILDS_PAGE,
  type BuildDetails,
  type BuildList,
  type BuildListing,
  buildIdSchema,
} from '../../../protocol/studio-builds.ts';
import type { FinishedUpload, OpenUpload, UploadId } from '../../../protocol/studio-uploads.ts';
import type { BuildRecord, GameRecord } from '../../store/game-store.ts';
import type { StudioStore } from '../../store/studio-store.ts';
import type { Timers } from '../../timers.ts';
import { demand, type Principal } from '../accounts/access-policy.ts';
import { actorOf, auditRecord } from '../accounts/audit-trail.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import { readIndex } from '../blobs/build-image.ts';
import { checkBuild } from '../builds/build-check.ts';
import { buildDeleted, buildDeletedTelling } from '../deletions/deleted.ts';
import type { TryOuts } from '../try-outs/try-outs.ts';
import type { UploadNote } from '../uploads/upload-notes.ts';
import type { Uploads } from '../uploads/uploads.ts';
import { ARCHITECTURES, type BuildChecks, TRYING_DETAIL } from './build-checks.ts';
import { detailsOf, listingOf } from './build-listing.ts';
import { IndexedFiles } from './indexed-files.ts';
import { manifestText, withManifest } from './manifest-overlay.ts';

/** So long a request waits for an archive to be read; proxies give up after a minute. */
const COMPARE_MS = 20_000;

export interface BuildsOptions {
  readonly store: StudioStore;
  readonly blobs: BlobStore;
  readonly uploads: Uploads;
  readonly checks: BuildChecks;
  readonly tryOuts: Pick<TryOuts, 'start'>;
  readonly timers: Timers;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
}

export interface FinishWish {
  readonly uploadId: UploadId;
  /** Of the archive, as whoever sent it has it. */
  readonly sha256: string;
  readonly label: string;
}

/** The builds of games, and how an upload becomes one. */
export class Builds {
  readonly #options: BuildsOptions;
  /** By game and upload: whoever asks twice at once gets one build, and only who may ask for it. */
  readonly #finishing = new Map<string, Promise<FinishedUpload>>();

  constructor(options: BuildsOptions) {
    this.#options = options;
  }

  /** @throws RockpoolError `forbidden` */
  async list(
    principal: Principal,
    { studioId, gameId }: GameRecord,
    beforeNumber?: number,
  ): Promise<BuildList> {
    demand(principal, studioId, 'builds:read');
    const { store, wallClockMs } = this.#options;
    const found = await store.games.buildsOf(gameId, { beforeNumber, limit: BUILDS_PAGE + 1 });
    const removed = await store.games.removedBuilds(gameId);
    return {
      builds: found.slice(0, BUILDS_PAGE).map((build) => this.#listingOf(build)),
      more: found.length > BUILDS_PAGE,
      deleted: removed
        .filter(({ goneAtMs }) => goneAtMs === undefined)
        .map((build) => buildDeletedTelling(build)),
      nowMs: wallClockMs(),
    };
  }

  /** @throws RockpoolError `forbidden`, `not-found` */
  async details(principal: Principal, game: GameRecord, number: number): Promise<BuildDetails> {
    demand(principal, game.studioId, 'builds:read');
    const build = await this.#find(game, number);
    return detailsOf(build, this.#options.checks.progressOf(build.buildId));
  }

  /** @throws RockpoolError `forbidden` */
  async uploads(principal: Principal, { studioId, gameId }: GameRecord): Promise<OpenUpload[]> {
    demand(principal, studioId, 'builds:read');
    return this.#options.uploads.ofGame(gameId);
  }

  /**
   * The build that an archive has become before; null where it has not, or was refused: what is taken
   * may have changed since.
   * @throws RockpoolError `forbidden`
   */
  async recognise(
    principal: Principal,
    { studioId, gameId }: GameRecord,
    sha256: string,
  ): Promise<BuildListing | null> {
    demand(principal, studioId, 'builds:write');
    const build = await this.#options.store.games.buildByArchive(gameId, sha256);
    return build && build.state !== 'refused' ? this.#listingOf(build) : null;
  }

  /**
   * Makes a build of an upload that has arrived whole. May be asked again, whatever was answered.
   * @throws RockpoolError `forbidden`, `not-found`, `conflict`; `bad-archive` where it is not what was
   *   sent, and it is gone then.
   */
  async finish(principal: Principal, game: GameRecord, wish: FinishWish): Promise<FinishedUpload> {
    demand(principal, game.studioId, 'builds:write');
    const { uploads, timers } = this.#options;
    const { uploadId } = wish;
    const key = `${game.gameId} ${uploadId}`;
    let finishing = this.#finishing.get(key);
    if (!finishing) {
      const before = await this.recognise(principal, game, wish.sha256);
      if (before) {
        await this.#drop(game, uploadId);
        return { state: 'accepted', build: before, again: true };
      }
      const note = uploads.find(uploadId);
      if (note.gameId !== game.gameId) throw ofAnother();
      finishing = this.#finishing.get(key) ?? this.#make(principal, game, note, wish);
      this.#finishing.set(key, finishing);
      const forget = () => this.#finishing.delete(key);
      finishing.then(forget, forget);
    }
    let cancel = () => {};
    const notYet = new Promise<FinishedUpload>((resolve) => {
      cancel = timers.after(COMPARE_MS, () => resolve({ state: 'comparing' }));
    });
    return Promise.race([finishing, notYet]).finally(() => cancel());
  }

  /**
   * Gives a build that has none its `rockpool.json`.
   * @throws RockpoolError `forbidden`, `not-found`, `conflict`; `bad-manifest` with a line for each thing
   *   that does not fit its files.
   */
  async confirm(
    principal: Principal,
    game: GameRecord,
    number: number,
    manifest: BuildManifest,
  ): Promise<BuildListing> {
    const { studioId, gameId } = game;
    demand(principal, studioId, 'builds:write');
    const build = await this.#find(game, number);
    if (build.state !== 'unconfirmed' || !build.index) throw settled(number);
    const { blobs, store, tryOuts, wallClockMs } = this.#options;
    const index = await readIndex(build.index.sha256, blobs);
    const overlay = new Map([[MANIFEST_FILE, manifestText(manifest)]]);
    const files = new IndexedFiles(build.archive.name, index, blobs, overlay);
    const report = await checkBuild(files, { architectures: ARCHITECTURES });
    if (report.problems.length > 0 || !report.manifest) {
      const lines = report.problems.map(({ what, remedy }) => `${what} ${remedy}`.trim());
      throw new RockpoolError('bad-manifest', lines.join('\n'));
    }
    const changed = await withManifest(index, report.manifest, files.madePrograms, blobs);
    const notes = [...(build.report?.notes ?? []), ...report.notes];
    const patch = {
      state: 'trying',
      stateDetail: TRYING_DETAIL,
      content: changed.content,
      index: changed.index,
      storedBytes: build.storedBytes + changed.storedBytes,
      manifest: report.manifest,
      report: { ...report, notes },
    } as const;
    await store.transact(async (records) => {
      const isMoved = await records.games.updateBuild(build.buildId, ['unconfirmed'], patch);
      if (!isMoved) throw settled(number);
      const target = `build ${number} of ${game.title}`;
      const deed = { action: 'build.confirmed', studioId, target, detail: gameId } as const;
      await records.appendAudit(auditRecord(actorOf(principal), deed, wallClockMs()));
    });
    tryOuts.start(build.buildId);
    return this.#listingOf({ ...build, ...patch });
  }

  async #make(
    principal: Principal,
    game: GameRecord,
    note: UploadNote,
    { sha256, label }: FinishWish,
  ): Promise<FinishedUpload> {
    const { uploads, checks, store, wallClockMs } = this.#options;
    const { uploadId, name, bytes } = note;
    if ((await uploads.digest(note)) !== sha256) {
      await uploads.remove(uploadId);
      throw new RockpoolError(
        'bad-archive',
        `${name} did not arrive as it was sent: its SHA-256 is another one. Upload it again; if that happens each time, the file changes while it is read.`,
      );
    }
    const buildId = buildIdSchema.parse(randomUUID());
    // The upload stays until there is a build: whoever is ended in between finds one of the two.
    const archive = checks.archivePath(buildId);
    await mkdir(dirname(archive), { recursive: true, mode: 0o700 });
    await link(uploads.files.path(uploadId), archive);
    const createdAtMs = wallClockMs();
    const build = await store.transact(async (records) => {
      const added = await records.games.addBuild({
        ...EMPTY,
        buildId,
        gameId: game.gameId,
        label,
        createdAtMs,
        createdBy: principal.name,
        archive: { name, bytes, sha256 },
      });
      const target = `build ${added.number} of ${game.title}`;
      const detail = label === '' ? name : `${name}, ${label}`;
      const { studioId } = game;
      const deed = { action: 'build.uploaded', studioId, target, detail } as const;
      await records.appendAudit(auditRecord(actorOf(principal), deed, createdAtMs));
      return added;
    });
    await uploads.remove(uploadId);
    checks.start(buildId);
    return { state: 'accepted', build: this.#listingOf(build), again: false };
  }

  /** An upload of what is known already, where it is of this game. */
  async #drop({ gameId }: GameRecord, uploadId: UploadId): Promise<void> {
    const { uploads } = this.#options;
    const open = (await uploads.ofGame(gameId)).some((one) => one.uploadId === uploadId);
    if (open) await uploads.remove(uploadId);
  }

  async #find({ gameId }: GameRecord, number: number): Promise<BuildRecord> {
    const build = await this.#options.store.games.buildByNumber(gameId, number);
    if (build?.removedAtMs !== undefined) throw buildDeleted(build);
    if (build) return build;
    throw new RockpoolError('not-found', `The game has no build ${number}.`);
  }

  #listingOf(build: BuildRecord): BuildListing {
    return listingOf(build, this.#options.checks.progressOf(build.buildId));
  }
}

/** Of a build that nothing is known of but its archive. */
const EMPTY = {
  state: 'checking',
  stateDetail: 'It waits to be checked.',
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
} as const;

function settled(number: number): RockpoolError {
  return new RockpoolError('conflict', `Build ${number} waits for nobody's confirmation.`);
}

function ofAnother(): RockpoolError {
  return new RockpoolError('not-found', 'This upload is of another game. Upload it for this one.');
}
