import { createWriteStream } from 'node:fs';
import { readdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FileStore } from '@tus/file-store';
import { Upload } from '@tus/server';
import { RockpoolError } from '../../../protocol/errors.ts';
import { uploadIdSchema } from '../../../protocol/studio-uploads.ts';
import { isCode, isDiskFull } from '../../data-folder.ts';
import type { UploadNote } from './upload-notes.ts';

/** Between the network and the disk, of each upload. */
const WAITING_BYTES = 2 ** 20;

/** Left free on the disk: what else a Rockpool writes must not stop for an upload. */
const SPARE_BYTES = 512 * 2 ** 20;

export interface UploadFilesOptions {
  /** It is there. */
  readonly folder: string;
  /** Of an upload; undefined where there is none of that id. */
  readonly note: (uploadId: string) => UploadNote | undefined;
  /** Removes an upload, its bytes included. */
  readonly forget: (uploadId: string) => Promise<void>;
}

/**
 * The bytes of uploads, a file for each, as the tus server writes them. How much has come is how long
 * the file is, whoever was ended meanwhile: nothing is written but behind what is there.
 */
export class UploadFiles extends FileStore {
  readonly #folder: string;
  readonly #note: UploadFilesOptions['note'];
  readonly #forget: UploadFilesOptions['forget'];

  constructor({ folder, note, forget }: UploadFilesOptions) {
    super({ directory: folder });
    this.#folder = folder;
    this.#note = note;
    this.#forget = forget;
    this.extensions = ['creation', 'termination'];
  }

  override async create(upload: Upload): Promise<Upload> {
    try {
      await writeFile(this.path(upload.id), '', { flag: 'wx' });
    } catch (error) {
      await this.#forget(upload.id);
      throw isDiskFull(error) ? diskFull(error) : error;
    }
    return upload;
  }

  override async write(content: Readable, uploadId: string, offset: number): Promise<number> {
    const file = createWriteStream(this.path(uploadId), {
      flags: 'r+',
      start: offset,
      highWaterMark: WAITING_BYTES,
    });
    try {
      await pipeline(content, file);
    } catch (error) {
      if (isDiskFull(error)) throw diskFull(error);
      throw error;
    }
    return offset + file.bytesWritten;
  }

  override async getUpload(uploadId: string): Promise<Upload> {
    const note = this.#note(uploadId);
    if (!note) throw noSuchUpload();
    const offset = await this.receivedBytes(uploadId);
    return new Upload({ id: uploadId, size: note.bytes, offset, metadata: { name: note.name } });
  }

  /** As the tus server is told to: the upload with all that belongs to it. */
  override remove(uploadId: string): Promise<void> {
    return this.#forget(uploadId);
  }

  /** The bytes alone. */
  async erase(uploadId: string): Promise<void> {
    await rm(this.path(uploadId), { force: true });
  }

  /** @throws RockpoolError `not-found` */
  async receivedBytes(uploadId: string): Promise<number> {
    return (await this.#facts(uploadId)).size;
  }

  /** When something came last, epoch milliseconds. @throws RockpoolError `not-found` */
  async lastReceivedAtMs(uploadId: string): Promise<number> {
    return (await this.#facts(uploadId)).mtimeMs;
  }

  /** @throws RockpoolError `no-space` where so much more would not fit on the disk. */
  async demandRoom(bytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.#folder);
    if (bytes + SPARE_BYTES > bavail * bsize) throw diskFull();
  }

  /** Removes what belongs to no upload: somebody was ended before there was a note, or after it. */
  async removeStrays(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const isUpload = uploadIdSchema.safeParse(name).success;
      if (isUpload ? this.#note(name) === undefined : name.endsWith('.tmp')) {
        await rm(join(this.#folder, name), { force: true });
      }
    }
  }

  path(uploadId: string): string {
    return join(this.#folder, uploadId);
  }

  async #facts(uploadId: string) {
    try {
      return await stat(this.path(uploadId));
    } catch (error) {
      if (isCode(error, 'ENOENT')) throw noSuchUpload();
      throw error;
    }
  }
}

export function noSuchUpload(): RockpoolError {
  return new RockpoolError(
    'not-found',
    'There is no such upload: it is finished, was cancelled, or nothing came for a day. Upload the archive again.',
  );
}

/** Also where there is no room for what is noted of an upload. */
export function diskFull(cause?: unknown): RockpoolError {
  return new RockpoolError(
    'no-space',
    'The disk of this Rockpool has no room for it. Ask its operator to make some, and go on then: what has arrived is kept.',
    { cause },
  );
}
