import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import type { Entry, LocalFileHeader, ZipFile } from 'yauzl';
import { type ArchiveEntry, noContent } from './archive-entry.ts';
import { ArchiveRefusal, told } from './archive-refusal.ts';
import type { UnpackLimits } from './unpack-limits.ts';
import { openZip, overlap, zipRefusal } from './zip-directory.ts';
import { zipName } from './zip-name.ts';

/** Hosts of "version made by" (APPNOTE §4.4.2) that leave a Unix mode in the external attributes. */
const UNIX_HOSTS: ReadonlySet<number> = new Set([3, 19]);

/** Bits of a mode, from stat.h. */
const TYPE_BITS = 0o170000;
const KINDS: ReadonlyMap<number, ArchiveEntry['kind']> = new Map([
  [0, 'file'],
  [0o100000, 'file'],
  [0o040000, 'folder'],
  [0o120000, 'symbolic-link'],
]);

/** A link's content is its target; Linux takes no longer one. */
const MAX_TARGET_BYTES = 4095;

/**
 * The entries of a zip, in the order of their content. The table of contents has been read as a whole
 * before the first one.
 * @throws ArchiveRefusal
 */
export async function* readZip(path: string, limits: UnpackLimits): AsyncGenerator<ArchiveEntry> {
  const { zip, entries } = await openZip(path, limits);
  try {
    for (const [i, entry] of entries.entries()) yield await readEntry(zip, entry, entries[i + 1]);
  } finally {
    zip.close();
  }
}

async function readEntry(
  zip: ZipFile,
  entry: Entry,
  next: Entry | undefined,
): Promise<ArchiveEntry> {
  const name = zipName(entry);
  await checkLocalHeader(zip, entry, next, name);
  const mode = unixMode(entry);
  const kind = name.endsWith('/') ? 'folder' : (KINDS.get((mode ?? 0) & TYPE_BITS) ?? 'special');
  const isLink = kind === 'symbolic-link';
  return {
    name,
    kind,
    mode: mode === undefined || mode === 0 ? undefined : mode & 0o7777,
    target: isLink ? await targetOf(zip, entry, name) : '',
    content: kind === 'file' ? contentOf(zip, entry, name) : noContent(),
  };
}

/** Who reads from the start of the file must find what who reads from its end finds. */
async function checkLocalHeader(
  zip: ZipFile,
  entry: Entry,
  next: Entry | undefined,
  name: string,
): Promise<void> {
  const { fileDataStart, fileName } = await localHeader(zip, entry).catch((thrown: unknown) => {
    throw zipRefusal(thrown, name);
  });
  if (!fileName.equals(entry.fileNameRaw)) {
    throw new ArchiveRefusal(
      'damaged',
      `${told(name)} has two names in the zip archive, the other one ${told(fileName.toString())}. Pack the build's folder again.`,
    );
  }
  const end = fileDataStart + entry.compressedSize;
  if (next && end > next.relativeOffsetOfLocalHeader) throw overlap(entry, next);
}

function localHeader(zip: ZipFile, entry: Entry): Promise<LocalFileHeader> {
  return new Promise((resolve, reject) => {
    zip.readLocalFileHeader(entry, (error, header) => (error ? reject(error) : resolve(header)));
  });
}

function openContent(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream)));
  });
}

async function* contentOf(
  zip: ZipFile,
  entry: Entry,
  name: string,
): AsyncGenerator<Uint8Array, void> {
  let sum = 0;
  try {
    const stream: AsyncIterable<Buffer> = await openContent(zip, entry);
    for await (const chunk of stream) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (thrown) {
    throw zipRefusal(thrown, name);
  }
  if (sum !== entry.crc32) {
    throw new ArchiveRefusal(
      'damaged',
      `${told(name)} is damaged: its checksum is wrong. Pack and upload the build again.`,
    );
  }
}

async function targetOf(zip: ZipFile, entry: Entry, name: string): Promise<string> {
  if (entry.uncompressedSize > MAX_TARGET_BYTES) {
    throw new ArchiveRefusal(
      'unsafe-link',
      `${told(name)} is a symbolic link longer than any may be. Put the file itself there.`,
    );
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of contentOf(zip, entry, name)) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

/** Undefined where the archive was not packed on Unix. */
function unixMode({ versionMadeBy, externalFileAttributes }: Entry): number | undefined {
  return UNIX_HOSTS.has(versionMadeBy >>> 8) ? externalFileAttributes >>> 16 : undefined;
}
