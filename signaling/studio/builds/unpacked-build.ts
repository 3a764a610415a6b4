import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MANIFEST_FILE } from '../../../protocol/build-manifest.ts';
import { isDiskFull } from '../../data-folder.ts';
import { told } from './archive-refusal.ts';
import { FolderFiles } from './folder-files.ts';
import { noRoomToUnpack } from './limit-refusals.ts';
import type { UnpackedArchive } from './unpack-archive.ts';
import { type UnpackProcessOptions, unpackInProcess } from './unpack-process.ts';

/** Of the folders that are made for archives. */
const PREFIX = 'unpacking-';

/** Packers put a build into one folder, and that into another one at times. */
const MAX_WRAPPINGS = 3;

/** Of files in a note. */
const MAX_TOLD_PATHS = 3;

export interface UnpackedBuildOptions extends UnpackProcessOptions {
  /** Where the folder is made, and removed again: on the disk that is to hold the build. */
  readonly folder: string;
  /** What the archive is called, where its file has another name. */
  readonly name?: string;
}

/** An archive's files in a folder of their own, for as long as it is open. */
export class UnpackedBuild {
  /** Absolute. */
  readonly folder: string;
  readonly files: FolderFiles;
  /** What is not as it was packed, a sentence each. */
  readonly notes: readonly string[];
  readonly #owned: string;

  private constructor(owned: string, folder: string, files: FolderFiles, notes: readonly string[]) {
    this.#owned = owned;
    this.folder = folder;
    this.files = files;
    this.notes = notes;
  }

  /**
   * Where this rejects, nothing of the archive is left.
   * @throws ArchiveRefusal
   */
  static async open(archive: string, options: UnpackedBuildOptions): Promise<UnpackedBuild> {
    await mkdir(options.folder, { recursive: true });
    const owned = await mkdtemp(join(options.folder, PREFIX)).catch((error: unknown) => {
      throw isDiskFull(error) ? noRoomToUnpack(error) : error;
    });
    try {
      // Games run as another user than the one that unpacks.
      await chmod(owned, 0o755);
      const unpacked = await unpackInProcess(archive, owned, options);
      const { folder, wrapping } = await unwrap(owned);
      const name = options.name ?? basename(archive);
      const files = await FolderFiles.read(folder, { name, ours: true });
      return new UnpackedBuild(owned, folder, files, notesOf(unpacked, wrapping));
    } catch (error) {
      await rm(owned, { recursive: true, force: true });
      throw error;
    }
  }

  /** Removes what a process that is gone has left, in a folder of which this one is the only user. */
  static async sweep(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    const left = (await readdir(folder)).filter((name) => name.startsWith(PREFIX));
    for (const name of left) await rm(join(folder, name), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await rm(this.#owned, { recursive: true, force: true });
  }
}

/** Where all of it lies in one folder, the build is that folder. */
async function unwrap(top: string): Promise<{ folder: string; wrapping: string }> {
  let folder = top;
  let wrapping = '';
  for (let i = 0; i < MAX_WRAPPINGS; i++) {
    const [only, ...others] = await readdir(folder, { withFileTypes: true });
    if (!only?.isDirectory() || others.length > 0 || only.name === MANIFEST_FILE) break;
    folder = join(folder, only.name);
    wrapping = wrapping === '' ? only.name : `${wrapping}/${only.name}`;
  }
  return { folder, wrapping };
}

function notesOf(unpacked: UnpackedArchive, wrapping: string): string[] {
  const { privileged, madePrograms, danglingLinks, litter } = unpacked;
  return [
    ...(wrapping === ''
      ? []
      : [`Everything lies in the folder ${told(wrapping)}: that is the build.`]),
    ...(madePrograms.length > 0
      ? [`The archive does not say what may be run. Marked as programs: ${some(madePrograms)}.`]
      : []),
    ...(privileged.length > 0
      ? [`Rights to run as somebody else were taken away: ${some(privileged)}.`]
      : []),
    ...(danglingLinks.length > 0 ? [`Links that lead to nothing: ${some(danglingLinks)}.`] : []),
    ...(litter > 0 ? [`Left out ${litter} of macOS' own files.`] : []),
  ];
}

function some(paths: readonly string[]): string {
  const shown = paths.slice(0, MAX_TOLD_PATHS).map(told).join(', ');
  const more = paths.length - MAX_TOLD_PATHS;
  return more > 0 ? `${shown} and ${more} more` : shown;
}
