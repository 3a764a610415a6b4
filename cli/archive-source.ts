import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { RockpoolError } from '../protocol/errors.ts';
import { bytesOf, type TarPart, tarParts } from '../protocol/tar-layout.ts';
import { FolderFiles } from '../signaling/studio/builds/folder-files.ts';

/** An archive that can be read from anywhere in it: a file, or a folder that is packed while it is read. */
export interface ArchiveSource {
  readonly name: string;
  readonly bytes: number;
  /** @param end not included. */
  read(start: number, end: number): Readable;
}

/** @throws RockpoolError `bad-configuration` where there is nothing that could be published. */
export async function openArchive(path: string): Promise<ArchiveSource> {
  const where = resolve(path);
  const found = await stat(where).catch((cause: unknown) => {
    throw new RockpoolError('bad-configuration', `There is no ${path} to publish.`, { cause });
  });
  if (found.isDirectory()) return openFolder(where);
  return {
    name: basename(where),
    bytes: found.size,
    read: (start, end) =>
      end > start ? createReadStream(where, { start, end: end - 1 }) : Readable.from([]),
  };
}

/** The same files make the same archive, so that an upload goes on where another left it. */
async function openFolder(folder: string): Promise<ArchiveSource> {
  const { files } = await FolderFiles.read(folder, { ours: false });
  const filled = new Set(
    files.map(({ path }) => path.slice(0, Math.max(0, path.lastIndexOf('/')))),
  );
  const parts = tarParts(
    files.flatMap(({ path, kind, bytes, runs, target }) => {
      if (kind === 'special') throw special(path);
      if (kind === 'folder' && filled.has(path)) return [];
      return [{ path, kind, bytes, runs, target }];
    }),
  );
  return {
    name: `${basename(folder)}.tar`,
    bytes: parts.reduce((sum, part) => sum + bytesOf(part), 0),
    read: (start, end) => Readable.from(readParts(folder, parts, start, end)),
  };
}

async function* readParts(
  folder: string,
  parts: readonly TarPart[],
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const part of parts) {
    const bytes = bytesOf(part);
    const [from, to] = [Math.max(start - at, 0), Math.min(end - at, bytes)];
    at += bytes;
    if (from >= to) continue;
    if ('content' in part) yield part.content.subarray(from, to);
    else yield* readFile(join(folder, part.path), from, to);
  }
}

/** @throws RockpoolError where the file has become shorter since it was listed. */
async function* readFile(path: string, from: number, to: number): AsyncGenerator<Uint8Array> {
  let missing = to - from;
  for await (const chunk of createReadStream(path, { start: from, end: to - 1 })) {
    missing -= chunk.length;
    yield chunk;
  }
  if (missing > 0) {
    throw new RockpoolError(
      'bad-archive',
      `${path} changed while it was packed. Publish it again.`,
    );
  }
}

/** SHA-256 in hexadecimal. */
export async function archiveDigest(source: ArchiveSource): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of source.read(0, source.bytes)) hash.update(chunk);
  return hash.digest('hex');
}

function special(path: string): RockpoolError {
  return new RockpoolError(
    'bad-archive',
    `${path} is a device, a pipe or a socket. Leave it out: builds hold files, folders and links.`,
  );
}
