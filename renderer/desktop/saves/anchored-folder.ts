import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, opendir } from 'node:fs/promises';
import { RockpoolError } from '../../../protocol/errors.ts';

const { O_RDONLY, O_WRONLY, O_CREAT, O_TRUNC, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** A file that changes each time it is read is kept as it was read last. */
const MAX_READS = 3;

/** What a name stands for; `other`: a link, device, pipe or socket. */
export type NameKind = 'file' | 'folder' | 'other';

/** What is needed of an open file. */
export interface ReadableFile {
  stat(options: { bigint: true }): Promise<FileState>;
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number }>;
}

type FileState = Pick<BigIntStats, 'size' | 'mtimeNs' | 'ctimeNs'>;

/**
 * A folder held open, in which names are looked up one at a time: Linux has no way around
 * `/proc/self/fd/N`, whatever happens to the path meanwhile, and the last part of a path is never
 * followed. So nothing outside is read or written, even while a hostile program puts links where
 * folders were. Names are the bytes of the file system, one character each (`latin1`).
 */
export class AnchoredFolder {
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /**
   * @param path trusted but for its last part, which has to be a folder.
   * @throws the system's error, such as `ENOENT`, `ENOTDIR` or `ELOOP`.
   */
  static async open(path: string | Buffer): Promise<AnchoredFolder> {
    return new AnchoredFolder(await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  }

  /** What lies in it, sorted; of more than `maxNames` some are left out. */
  async names(maxNames: number): Promise<string[]> {
    const names: string[] = [];
    for await (const { name } of await opendir(this.#path('.'), { encoding: 'latin1' })) {
      if (names.push(name) === maxNames) break;
    }
    return names.sort();
  }

  async kindOf(name: string): Promise<NameKind> {
    const stats = await lstat(this.#path(name));
    return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other';
  }

  folder(name: string): Promise<AnchoredFolder> {
    return AnchoredFolder.open(this.#path(name));
  }

  /** The folder of this name, made where it is not there. */
  async makeFolder(name: string): Promise<AnchoredFolder> {
    try {
      await mkdir(this.#path(name), { mode: 0o755 });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    return this.folder(name);
  }

  /**
   * One state of the file: read again where it changes meanwhile.
   * @returns undefined where it is no file (any more).
   * @throws RockpoolError `resource-limit` where it is larger than `maxBytes`.
   */
  async readFile(name: string, maxBytes: number): Promise<Uint8Array | undefined> {
    // Not to wait for the other end of a pipe that has just taken the file's place.
    const file = await open(this.#path(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      return (await file.stat()).isFile() ? await readSteady(file, maxBytes) : undefined;
    } finally {
      await file.close();
    }
  }

  /** Replaces the content of a file, or makes one. */
  async writeFile(name: string, content: Uint8Array): Promise<void> {
    const flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK;
    const file = await open(this.#path(name), flags, 0o644);
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  #path(name: string): Buffer {
    return Buffer.from(`/proc/self/fd/${this.#handle.fd}/${name}`, 'latin1');
  }
}

/** Of a system's error, such as `ENOENT`. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/**
 * One state of a file that may change meanwhile.
 * @throws RockpoolError `resource-limit` where it is larger than `maxBytes`.
 */
export async function readSteady(file: ReadableFile, maxBytes: number): Promise<Uint8Array> {
  let before = await file.stat({ bigint: true });
  for (let reads = 1; ; reads++) {
    const content = await readWhole(file, Number(before.size), maxBytes);
    const after = await file.stat({ bigint: true });
    const steady = isSame(before, after) && content.length === Number(after.size);
    if (steady || reads === MAX_READS) return content;
    before = after;
  }
}

async function readWhole(
  file: ReadableFile,
  expectedBytes: number,
  maxBytes: number,
): Promise<Uint8Array> {
  let content = Buffer.alloc(Math.min(expectedBytes, maxBytes) + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(content, length, content.length - length, length);
    length += bytesRead;
    if (length > maxBytes) {
      throw new RockpoolError('resource-limit', `A file is larger than ${maxBytes} bytes.`);
    }
    if (bytesRead === 0) return content.subarray(0, length);
    if (length === content.length) content = Buffer.concat([content, Buffer.alloc(length)]);
  }
}

function isSame(a: FileState, b: FileState): boolean {
  return a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs;
}
