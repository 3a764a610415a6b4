import { stat } from 'node:fs/promises';
import { type PathProblem, readBuildPath } from '../../../protocol/build-path.ts';
import type { ArchiveEntry } from './archive-entry.ts';
import { type ArchiveFormat, archiveFormat } from './archive-format.ts';
import { ArchiveRefusal, told } from './archive-refusal.ts';
import { BuildTree } from './build-tree.ts';
import { tooMany } from './limit-refusals.ts';
import { readTar } from './tar-reader.ts';
import { tarSource } from './tar-source.ts';
import { TreeWriter } from './tree-writer.ts';
import type { UnpackLimits } from './unpack-limits.ts';
import { readZip } from './zip-reader.ts';

/** setuid, setgid, sticky. */
const SPECIAL_BITS = 0o7000;

/** What macOS leaves in every folder and archive, and no game reads. */
const LITTER = /(?:^|\/)(?:__MACOSX(?:\/|$)|\.DS_Store$)/;

/** What came of an archive, and what is not as it was packed. */
export interface UnpackedArchive {
  readonly format: ArchiveFormat;
  readonly bytes: number;
  readonly packedBytes: number;
  /** Lost the right to run as somebody else. */
  readonly privileged: readonly string[];
  /** Got the right to be run, which an archive from Windows does not keep. */
  readonly madePrograms: readonly string[];
  /** Symbolic links that lead to nothing. */
  readonly danglingLinks: readonly string[];
  /** Entries of macOS' own that were left out. */
  readonly litter: number;
}

/**
 * Unpacks an archive into an empty folder. Where it throws, the folder holds whatever came before.
 * @throws ArchiveRefusal
 */
export async function unpackArchive(
  archive: string,
  folder: string,
  limits: UnpackLimits,
): Promise<UnpackedArchive> {
  const format = await archiveFormat(archive);
  const packedBytes = (await stat(archive)).size;
  const unpacking = new Unpacking(folder, limits, packedBytes);
  const entries = format === 'zip' ? readZip(archive, limits) : readTar(tarSource(archive, format));
  let count = 0;
  for await (const entry of entries) {
    // An entry of a name that is there already, such as a folder, makes the tree no larger.
    if (++count > limits.entries) throw tooMany(count, limits);
    await unpacking.add(entry);
  }
  return { format, packedBytes, ...unpacking.finish() };
}

class Unpacking {
  readonly #tree: BuildTree;
  readonly #writer: TreeWriter;
  readonly #privileged: string[] = [];
  readonly #madePrograms: string[] = [];
  #litter = 0;

  constructor(folder: string, limits: UnpackLimits, packedBytes: number) {
    this.#tree = new BuildTree(limits);
    this.#writer = new TreeWriter(folder, limits, packedBytes);
  }

  async add(entry: ArchiveEntry): Promise<void> {
    const path = pathOf(entry.name, entry.kind);
    if (path === undefined) return;
    if (LITTER.test(path)) {
      this.#litter++;
      return;
    }
    switch (entry.kind) {
      case 'folder':
        this.#tree.addFolder(path);
        return this.#writer.writeFolder(path);
      case 'symbolic-link':
        return this.#tree.addLink(path, entry.target);
      case 'hard-link': {
        const of = pathOf(entry.target, 'file') ?? '';
        this.#tree.addHardLink(path, of);
        return this.#writer.writeHardLink(path, of);
      }
      case 'special':
        throw new ArchiveRefusal(
          'special-file',
          `${told(path)} is a device, a pipe or a socket. Leave it out: builds hold files, folders and links.`,
        );
      case 'file':
        return this.#addFile(path, entry);
    }
  }

  finish(): Omit<UnpackedArchive, 'format' | 'packedBytes'> {
    const danglingLinks = this.#tree.checkLinks();
    for (const { path, target } of this.#tree.links) this.#writer.writeLink(path, target);
    if (this.#tree.size === 0) {
      throw new ArchiveRefusal('empty', 'The archive is empty. Pack the folder the game lies in.');
    }
    return {
      bytes: this.#writer.bytes,
      privileged: this.#privileged,
      madePrograms: this.#madePrograms,
      danglingLinks,
      litter: this.#litter,
    };
  }

  async #addFile(path: string, { content, mode }: ArchiveEntry): Promise<void> {
    this.#tree.addFile(path);
    if (((mode ?? 0) & SPECIAL_BITS) !== 0) this.#privileged.push(path);
    if (await this.#writer.writeFile(path, content, mode)) this.#madePrograms.push(path);
  }
}

/**
 * @returns undefined for the top folder itself, which packers name `./`.
 * @throws ArchiveRefusal
 */
function pathOf(name: string, kind: ArchiveEntry['kind']): string | undefined {
  const read = readBuildPath(name);
  if ('path' in read) return read.path;
  if (read.problem === 'empty' && kind === 'folder' && /^[./]+$/.test(name)) return undefined;
  throw refusalOf(name, read.problem);
}

const UNSAFE: Readonly<Partial<Record<PathProblem, string>>> = {
  absolute:
    'starts at the top of the disk. Pack the folder from within, as "tar -C FOLDER -czf game.tar.gz ."',
  drive: 'starts with a drive. Pack the folder from within',
  backslash: 'has a backslash. Pack with a program that writes "/" between folders, as 7-Zip does',
  parent: 'leads out of the build with "..". Pack the folder from within',
};

const BAD: Readonly<Partial<Record<PathProblem, string>>> = {
  empty: 'is empty',
  control: 'has characters that cannot be printed',
  'name-too-long': 'has a part longer than 255 bytes',
  'path-too-long': 'is longer than 1024 bytes',
};

function refusalOf(name: string, problem: PathProblem): ArchiveRefusal {
  const unsafe = UNSAFE[problem];
  return unsafe === undefined
    ? new ArchiveRefusal(
        'bad-name',
        `The name ${told(name)} ${BAD[problem] ?? 'cannot be a name'}. Rename the file.`,
      )
    : new ArchiveRefusal('unsafe-path', `The name ${told(name)} ${unsafe}.`);
}
