import { mkdir } from 'node:fs/promises';
import type { Logger } from 'pino';
import { RockpoolError } from '../../../protocol/errors.ts';
import type { GameId } from '../../../protocol/ids.ts';
import type { StudioId } from '../../../protocol/studio-access.ts';
import {
  MAX_ARCHIVE_BYTES,
  type OpenUpload,
  UPLOAD_LIFE_MS,
  type UploadMetadata,
} from '../../../protocol/studio-uploads.ts';
import { isDiskFull } from '../../data-folder.ts';
import type { GameRecord } from '../../store/game-store.ts';
import type { Timers } from '../../timers.ts';
import type { Principal } from '../accounts/access-policy.ts';
import { fileDigest } from './file-digest.ts';
import { diskFull, noSuchUpload, UploadFiles } from './upload-files.ts';
import { type UploadNote, UploadNotes } from './upload-notes.ts';

/** So many at once of one studio. */
const MAX_OPEN_UPLOADS = 20;

const SWEEP_EVERY_MS = 30 * 60_000;

export interface UploadsOptions {
  readonly folder: string;
  /** Of each studio: its builds, and what is being uploaded. */
  readonly quotaBytes: number;
  /** By how much the store of blobs has grown for a studio's builds. */
  readonly storedBytes: (studioId: StudioId) => Promise<number>;
  readonly timers: Timers;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
  readonly log: Logger;
}

/** Archives on their way here, from the first byte to the last. */
export class Uploads {
  readonly quotaBytes: number;
  readonly files: UploadFiles;
  readonly #options: UploadsOptions;
  readonly #notes: UploadNotes;
  readonly #open = new Map<string, UploadNote>();
  readonly #digests = new Map<string, Promise<string>>();
  readonly #abort = new AbortController();
  #cancelSweep: () => void = () => undefined;
  #sweeping: Promise<void> = Promise.resolve();

  private constructor(options: UploadsOptions) {
    this.quotaBytes = options.quotaBytes;
    this.#options = options;
    this.#notes = new UploadNotes(options.folder);
    this.files = new UploadFiles({
      folder: options.folder,
      note: (uploadId) => this.#open.get(uploadId),
      forget: (uploadId) => this.remove(uploadId),
    });
  }

  /** Those that began before this process are there again. */
  static async open(options: UploadsOptions): Promise<Uploads> {
    // Before the tus server makes it for everybody to read.
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    const uploads = new Uploads(options);
    for (const note of await uploads.#notes.all()) uploads.#open.set(note.uploadId, note);
    await uploads.files.removeStrays();
    await uploads.#sweep();
    uploads.#sweepLater();
    return uploads;
  }

  /**
   * Lets an upload begin.
   * @throws RockpoolError `message-too-large`, `conflict`, `no-space`
   */
  async begin(
    uploadId: string,
    bytes: number,
    { gameId, studioId }: Pick<GameRecord, 'gameId' | 'studioId'>,
    { name, fingerprint }: Pick<UploadMetadata, 'name' | 'fingerprint'>,
    { name: startedBy }: Pick<Principal, 'name'>,
  ): Promise<void> {
    if (bytes < 1) throw new RockpoolError('bad-archive', 'The archive is empty.');
    if (bytes > MAX_ARCHIVE_BYTES) {
      throw new RockpoolError(
        'message-too-large',
        `An archive may have ${inGb(MAX_ARCHIVE_BYTES)} at most, and this one has ${inGb(bytes)}. Make the build smaller, or pack it as .tar.zst.`,
      );
    }
    await this.#forgetUnbegun(gameId, fingerprint);
    await this.files.demandRoom(bytes);
    const storedBytes = await this.#options.storedBytes(studioId);
    // From here to where it is noted nothing else happens: of two that fit alone, one is refused.
    const others = [...this.#open.values()].filter((one) => one.studioId === studioId);
    if (others.length >= MAX_OPEN_UPLOADS) {
      throw new RockpoolError(
        'conflict',
        `The studio has ${MAX_OPEN_UPLOADS} uploads under way. Finish or cancel one first.`,
      );
    }
    const used = storedBytes + reserved(others);
    if (used + bytes > this.quotaBytes) throw quotaReached(bytes, used, this.quotaBytes);
    const startedAtMs = this.#options.wallClockMs();
    const note = { uploadId, studioId, gameId, name, fingerprint, bytes, startedBy, startedAtMs };
    this.#open.set(uploadId, note);
    try {
      await this.#notes.write(note);
    } catch (error) {
      this.#open.delete(uploadId);
      throw isDiskFull(error) ? diskFull(error) : error;
    }
  }

  /** @throws RockpoolError `not-found` */
  find(uploadId: string): UploadNote {
    const note = this.#open.get(uploadId);
    if (note) return note;
    throw noSuchUpload();
  }

  /** The oldest first. */
  async ofGame(gameId: GameId): Promise<OpenUpload[]> {
    const notes = [...this.#open.values()].filter((one) => one.gameId === gameId);
    const uploads = await Promise.all(
      notes.map(async ({ uploadId, name, fingerprint, bytes, startedBy, startedAtMs }) => {
        const receivedBytes = await this.files.receivedBytes(uploadId).catch(() => 0);
        return { uploadId, name, fingerprint, bytes, receivedBytes, startedBy, startedAtMs };
      }),
    );
    return uploads.sort((a, b) => a.startedAtMs - b.startedAtMs);
  }

  reservedBytes(studioId: StudioId): number {
    return reserved([...this.#open.values()].filter((one) => one.studioId === studioId));
  }

  /**
   * SHA-256 of one that has arrived whole. Asked again, it is not read again.
   * @throws RockpoolError `conflict` where something is missing.
   */
  async digest({ uploadId, bytes }: UploadNote): Promise<string> {
    const received = await this.files.receivedBytes(uploadId);
    if (received !== bytes) {
      throw new RockpoolError(
        'conflict',
        `Of ${bytes} bytes ${received} have arrived. Send the others first.`,
      );
    }
    const known = this.#digests.get(uploadId);
    if (known) return known;
    const digest = fileDigest(this.files.path(uploadId), this.#abort.signal);
    this.#digests.set(uploadId, digest);
    digest.catch(() => this.#digests.delete(uploadId));
    return digest;
  }

  /** May be called again. */
  async remove(uploadId: string): Promise<void> {
    await this.#notes.remove(uploadId);
    await this.files.erase(uploadId);
    this.#open.delete(uploadId);
    this.#digests.delete(uploadId);
  }

  /** Forgets those of which nothing has come for a day. */
  async #sweep(): Promise<void> {
    const nowMs = this.#options.wallClockMs();
    for (const { uploadId, startedAtMs } of [...this.#open.values()]) {
      const lastMs = await this.files.lastReceivedAtMs(uploadId).catch(() => startedAtMs);
      if (nowMs - lastMs < UPLOAD_LIFE_MS) continue;
      await this.remove(uploadId);
      this.#options.log.info({ uploadId }, 'an unfinished upload has expired');
    }
  }

  #sweepLater(): void {
    this.#cancelSweep = this.#options.timers.after(SWEEP_EVERY_MS, () => {
      this.#sweeping = this.#sweep().catch((err: unknown) =>
        this.#options.log.warn({ err }, 'unfinished uploads could not be swept'),
      );
      this.#sweepLater();
    });
  }

  /** A client that heard no answer to its first request makes the same upload again. */
  async #forgetUnbegun(gameId: GameId, fingerprint: string): Promise<void> {
    const same = [...this.#open.values()].filter(
      (one) => one.gameId === gameId && one.fingerprint === fingerprint,
    );
    for (const { uploadId } of same) {
      const received = await this.files.receivedBytes(uploadId).catch(() => 0);
      if (received === 0) await this.remove(uploadId);
    }
  }

  /** Uploads stay, for the next process. May be called again. */
  async close(): Promise<void> {
    this.#cancelSweep();
    this.#abort.abort();
    await Promise.allSettled([this.#sweeping, ...this.#digests.values()]);
  }
}

function reserved(notes: readonly UploadNote[]): number {
  return notes.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** @param used by builds and uploads under way. */
export function quotaReached(bytes: number, used: number, quota: number): RockpoolError {
  return new QuotaReached(
    'no-space',
    `This needs ${inGb(bytes)}, and of the ${inGb(quota)} of the studio ${inGb(used)} are used. Cancel an upload, delete builds (their space is free seven days later), or ask the operator for more (ROCKPOOL_STUDIO_QUOTA_GB).`,
  );
}

/** Whether it is a studio's quota that something does not fit into, and not the disk. */
export function isQuotaReached(error: unknown): boolean {
  return error instanceof QuotaReached;
}

class QuotaReached extends RockpoolError {}

function inGb(bytes: number): string {
  return `${(bytes / 1e9).toFixed(bytes < 1e9 ? 3 : 1)} GB`;
}
