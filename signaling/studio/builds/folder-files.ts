import { chmod, lstat, open, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { RockpoolError } from '../../../protocol/errors.ts';
import type { BuildFile, BuildFiles } from './build-files.ts';

/** Beyond it a folder is no build but somebody's disk. */
const MAX_FILES = 200_000;
const PROGRAM_MODE = 0o755;

export interface FolderFilesOptions {
  /** What people call it; the folder's own name where left out. */
  readonly name?: string;
  /** Whether the folder is ours, so that a mode in it may be set right. */
  readonly ours: boolean;
}

/** A build in a folder. */
export class FolderFiles implements BuildFiles {
  readonly name: string;
  readonly files: readonly BuildFile[];
  readonly makeRun: ((path: string) => Promise<void>) | undefined;
  readonly #folder: string;

  private constructor(folder: string, files: readonly BuildFile[], options: FolderFilesOptions) {
    this.#folder = folder;
    this.files = files;
    this.name = options.name ?? basename(folder);
    this.makeRun = options.ours ? (path) => chmod(join(folder, path), PROGRAM_MODE) : undefined;
  }

  /** @throws RockpoolError `bad-manifest` where it cannot be a build's folder. */
  static async read(folder: string, options: FolderFilesOptions): Promise<FolderFiles> {
    const top = await realpath(folder).catch((cause: unknown) => {
      throw new RockpoolError('bad-manifest', `There is no folder ${folder}.`, { cause });
    });
    const files: BuildFile[] = [];
    await collect(top, '', files);
    files.sort((a, b) => (a.path < b.path ? -1 : 1));
    return new FolderFiles(top, files, options);
  }

  async readHead(path: string, maxBytes: number): Promise<Uint8Array> {
    const file = await open(join(this.#folder, path), 'r');
    try {
      const head = Buffer.alloc(maxBytes);
      const { bytesRead } = await file.read(head, 0, maxBytes, 0);
      return head.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }
}

async function collect(top: string, below: string, files: BuildFile[]): Promise<void> {
  for (const name of await readdir(join(top, below))) {
    const path = below === '' ? name : `${below}/${name}`;
    const found = await lstat(join(top, path));
    const kind = found.isSymbolicLink()
      ? 'link'
      : found.isDirectory()
        ? 'folder'
        : found.isFile()
          ? 'file'
          : 'special';
    if (kind === 'link') files.push(await linkOf(top, path));
    else files.push({ path, kind, ...factsOf(found), target: '', leadsTo: undefined });
    if (files.length > MAX_FILES) {
      throw new RockpoolError(
        'bad-manifest',
        `${top} holds more than ${MAX_FILES} files. Name the folder of the game alone.`,
      );
    }
    if (kind === 'folder') await collect(top, path, files);
  }
}

async function linkOf(top: string, path: string): Promise<BuildFile> {
  const target = await readlink(join(top, path));
  const nothing = {
    path,
    kind: 'link',
    bytes: 0,
    runs: false,
    target,
    leadsTo: undefined,
  } as const;
  try {
    const real = await realpath(join(top, path));
    if (real !== top && !real.startsWith(top + sep)) return nothing;
    const found = await stat(real);
    const leadsTo = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : undefined;
    return { ...nothing, ...factsOf(found), leadsTo };
  } catch {
    // It leads to nothing, or in a circle.
    return nothing;
  }
}

function factsOf(found: { size: number; mode: number; isFile(): boolean }) {
  const isFile = found.isFile();
  return { bytes: isFile ? found.size : 0, runs: isFile && (found.mode & 0o111) !== 0 };
}
