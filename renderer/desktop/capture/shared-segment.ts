import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import type { XShm } from 'x11';
import { RockpoolError } from '../../../protocol/errors.ts';
import type { Resolution } from '../../../protocol/stream-settings.ts';
import type { XConnection } from '../display/x-connection.ts';
import { PIXEL_BYTES } from './i420-converter.ts';

/** Memory with a name that goes away with its last user; on every Linux. */
const SHARED_MEMORY_FOLDER = '/dev/shm';

/** Filled at the start in pieces of this, bytes. */
const FILL_PIECE = 1 << 20;

/** ZPixmap (X protocol §8, GetImage). */
const PACKED_PIXELS = 2;
const ALL_PLANES = 0xffff_ffff;

/**
 * Memory that the X server writes pictures into (MIT-SHM 1.2, AttachFd): a file that has lost its
 * name, so nothing of it is left when server and worker have let go of it, however they end.
 *
 * Node cannot map memory. The one copy that is left is a read of the file, done on libuv's pool: it
 * takes 1.2 ms for 720p, in which the event loop would otherwise stand still.
 */
export class SharedSegment {
  readonly #connection: XConnection;
  readonly #shm: XShm;
  readonly #id: number;
  readonly #file: FileHandle;

  private constructor(connection: XConnection, shm: XShm, id: number, file: FileHandle) {
    this.#connection = connection;
    this.#shm = shm;
    this.#id = id;
    this.#file = file;
  }

  /** @throws RockpoolError `resource-limit` without that much shared memory, `game-failed`. */
  static async open(connection: XConnection, bytes: number): Promise<SharedSegment> {
    const shm = await connection.extension('shm');
    if (!shm.fdCapable) {
      const message = 'This Node cannot hand memory to the X server; run it without --permission.';
      throw new RockpoolError('game-failed', message);
    }
    const file = await openFile(bytes);
    const id = connection.client.AllocID();
    try {
      await connection.ask<void>((done) => shm.AttachFd(id, file.fd, false, done));
    } catch (cause) {
      await file.close();
      const message = 'The X server does not take shared memory; its MIT-SHM must be 1.2 or later.';
      throw connection.ended ?? new RockpoolError('game-failed', message, { cause });
    }
    return new SharedSegment(connection, shm, id, file);
  }

  /**
   * Has the server write the upper left part of a drawable, as one moment shows it.
   * @throws RockpoolError `internal` where the drawable is smaller.
   */
  async grab(drawable: number, { width, height }: Resolution): Promise<void> {
    const { size } = await this.#connection.ask<{ readonly size: number }>((done) =>
      this.#shm.GetImage(
        drawable,
        0,
        0,
        width,
        height,
        ALL_PLANES,
        PACKED_PIXELS,
        this.#id,
        0,
        done,
      ),
    );
    const bytes = width * height * PIXEL_BYTES;
    if (size === bytes) return;
    const message = `The X server wrote ${size} bytes of a picture of ${bytes}.`;
    throw new RockpoolError('internal', message);
  }

  /** Copies bytes to the same place of `pixels`. */
  async read(pixels: Uint8Array, offset: number, bytes: number): Promise<void> {
    const { bytesRead } = await this.#file.read(pixels, offset, bytes, offset);
    if (bytesRead !== bytes) throw new RockpoolError('internal', 'Shared memory was cut short.');
  }

  /** After the last grab and read. */
  async close(): Promise<void> {
    if (!this.#connection.ended) {
      this.#shm.Detach(this.#id);
      this.#connection.client.ReleaseID(this.#id);
    }
    await this.#file.close();
  }
}

/** A nameless file that has all its memory: a server that lacked some while it writes would fail. */
async function openFile(bytes: number): Promise<FileHandle> {
  const path = `${SHARED_MEMORY_FOLDER}/rockpool-${randomUUID()}`;
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'wx+', 0o600);
    await unlink(path);
    const zeros = new Uint8Array(Math.min(bytes, FILL_PIECE));
    for (let at = 0; at < bytes; ) {
      const { bytesWritten } = await file.write(zeros, 0, Math.min(bytes - at, zeros.length), at);
      at += bytesWritten;
    }
    return file;
  } catch (cause) {
    await file?.close();
    const message = `There is no room for a picture of ${bytes} bytes in ${SHARED_MEMORY_FOLDER}; give the container more shared memory (docker run --shm-size).`;
    throw new RockpoolError('resource-limit', message, { cause });
  }
}
