import { RockpoolError } from '../../protocol/errors.ts';
import { Sha256 } from '../../protocol/sha256.ts';
import { type TarEntry, tarParts } from '../../protocol/tar-layout.ts';

/** An archive to be uploaded: a file, or a folder that is packed while it is sent. */
export interface ChosenArchive {
  readonly name: string;
  /** Nothing of it is in memory: it is read as it is sent. */
  readonly content: Blob;
  /** The same for the same choice, in any browser. */
  readonly fingerprint: string;
}

/** A file of a folder. */
export interface FolderFile {
  /** Below the folder. */
  readonly path: string;
  readonly file: File;
}

const ARCHIVE = /\.(?:zip|tar|tar\.gz|tgz|tar\.zst|tzst)$/i;

/** Names under which programs of Linux go; what they are, their first bytes say. */
const PERHAPS_PROGRAM = /(?:^|\/)[^./]+$|\.(?:sh|py|x86_64|x86_32|x86|arm64|aarch64|bin|run|elf)$/i;

const MAX_FILES = 200_000;

/** @throws RockpoolError where it is no archive by its name. */
export function chosenFile(file: File): ChosenArchive {
  if (!ARCHIVE.test(file.name)) {
    throw new RockpoolError(
      'bad-archive',
      `${file.name} is no .zip, .tar.gz or .tar.zst. Choose the archive of a build, or its folder.`,
    );
  }
  const { name, size, lastModified } = file;
  return { name, content: file, fingerprint: `file ${size} ${lastModified} ${name}`.slice(0, 200) };
}

/**
 * A folder as one uncompressed tar, which needs nothing but headers between the files.
 * @throws RockpoolError
 */
export async function chosenFolder(
  folderName: string,
  files: readonly FolderFile[],
): Promise<ChosenArchive> {
  if (files.length === 0) {
    throw new RockpoolError('bad-archive', `There are no files in ${folderName}.`);
  }
  if (files.length > MAX_FILES) {
    throw new RockpoolError(
      'bad-archive',
      `${folderName} holds more than ${MAX_FILES} files. Choose the folder of the game alone.`,
    );
  }
  const entries: TarEntry[] = [];
  for (const { path, file } of files) {
    const runs = PERHAPS_PROGRAM.test(path) && (await isProgram(file));
    entries.push({ path, kind: 'file', bytes: file.size, runs, target: '' });
  }
  const byPath = new Map(files.map(({ path, file }) => [path, file]));
  const parts = tarParts(entries).map((part): BlobPart => {
    if ('content' in part) return new Uint8Array(part.content);
    return byPath.get(part.path) ?? '';
  });
  return {
    name: `${folderName}.tar`,
    content: new Blob(parts),
    fingerprint: `folder ${fingerprintOf(files)}`,
  };
}

/** Browsers tell nobody which files may be run. */
async function isProgram(file: File): Promise<boolean> {
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  const [first, second, third, fourth] = head;
  const isElf = first === 0x7f && second === 0x45 && third === 0x4c && fourth === 0x46;
  const isScript = first === 0x23 && second === 0x21;
  return isElf || isScript;
}

function fingerprintOf(files: readonly FolderFile[]): string {
  const lines = files.map(({ path, file }) => `${path} ${file.size} ${file.lastModified}`).sort();
  return new Sha256().update(new TextEncoder().encode(lines.join('\n'))).hex();
}
