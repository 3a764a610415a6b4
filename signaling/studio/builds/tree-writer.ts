import {
  closeSync,
  constants,
  fchmodSync,
  linkSync,
  mkdirSync,
  openSync,
  statSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isDiskFull } from '../../data-folder.ts';
import { bomb, noRoomToUnpack, tooLarge } from './limit-refusals.ts';
import { startsLikeProgram } from './program-kind.ts';
import type { UnpackLimits } from './unpack-limits.ts';

const FOLDER_MODE = 0o755;
const FILE_MODE = 0o644;
const PROGRAM_MODE = 0o755;
/** The owner may run it: so may whoever plays it. */
const OWNER_RUNS = 0o100;

/**
 * Writes what a `BuildTree` has let through into an empty folder. It is used in a process of its own,
 * which has nothing else to do: calls that wait for the disk are the fastest there.
 */
export class TreeWriter {
  readonly #folder: string;
  readonly #limits: Pick<UnpackLimits, 'bytes' | 'ratio' | 'freeBytes'>;
  readonly #packedBytes: number;
  readonly #folders = new Set<string>(['.']);
  #bytes = 0;

  /** @param packedBytes size of the archive that all of it comes from. */
  constructor(
    folder: string,
    limits: Pick<UnpackLimits, 'bytes' | 'ratio' | 'freeBytes'>,
    packedBytes: number,
  ) {
    this.#folder = folder;
    this.#limits = limits;
    this.#packedBytes = packedBytes;
  }

  /** Of all files so far. */
  get bytes(): number {
    return this.#bytes;
  }

  writeFolder(path: string): void {
    if (this.#folders.has(path)) return;
    this.writeFolder(dirname(path));
    whileThereIsRoom(() => mkdirSync(join(this.#folder, path), { mode: FOLDER_MODE }));
    this.#folders.add(path);
  }

  /**
   * @param mode permission bits; where the archive has none, programs are told by how they begin.
   * @returns whether the file became a program for that reason alone.
   * @throws ArchiveRefusal `too-large`, `bomb`, `disk-full`, and whatever reading the content throws.
   */
  async writeFile(
    path: string,
    content: AsyncIterable<Uint8Array>,
    mode: number | undefined,
  ): Promise<boolean> {
    this.writeFolder(dirname(path));
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
    const file = whileThereIsRoom(() => openSync(join(this.#folder, path), flags));
    try {
      let guessed = false;
      let isFirst = true;
      for await (const chunk of content) {
        if (isFirst && mode === undefined) guessed = startsLikeProgram(chunk);
        isFirst = false;
        this.#count(path, chunk.length);
        writeWhole(file, chunk);
      }
      const runs = guessed || ((mode ?? 0) & OWNER_RUNS) !== 0;
      fchmodSync(file, runs ? PROGRAM_MODE : FILE_MODE);
      return guessed;
    } finally {
      closeSync(file);
    }
  }

  /**
   * Counts as the file it is: who reads the build reads it once more.
   * @param of a file written before.
   * @throws ArchiveRefusal `too-large`, `bomb`
   */
  writeHardLink(path: string, of: string): void {
    this.#count(path, statSync(join(this.#folder, of)).size);
    this.writeFolder(dirname(path));
    whileThereIsRoom(() => linkSync(join(this.#folder, of), join(this.#folder, path)));
  }

  /** After everything else: nothing is ever written through one. */
  writeLink(path: string, target: string): void {
    this.writeFolder(dirname(path));
    whileThereIsRoom(() => symlinkSync(target, join(this.#folder, path)));
  }

  #count(path: string, bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#limits.bytes) throw tooLarge(path, this.#limits);
    const { ratio, freeBytes } = this.#limits;
    if (this.#bytes > freeBytes && this.#bytes > ratio * this.#packedBytes) throw bomb();
  }
}

function writeWhole(file: number, chunk: Uint8Array): void {
  whileThereIsRoom(() => {
    for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at);
  });
}

/** @throws ArchiveRefusal `disk-full`; folders and names take room, too. */
function whileThereIsRoom<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!isDiskFull(cause)) throw cause;
    throw noRoomToUnpack(cause);
  }
}
