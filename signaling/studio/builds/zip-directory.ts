import { once } from 'node:events';
import { open as openRaw } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type Entry, open, type ZipFile, type ZipOptions } from 'yauzl';
import { ArchiveRefusal, asRefusal, told } from './archive-refusal.ts';
import { bomb, tooLarge, tooMany } from './limit-refusals.ts';
import type { UnpackLimits } from './unpack-limits.ts';
import { zipName } from './zip-name.ts';

/** Of the local header that comes before a file's content, without its name (APPNOTE §4.3.7). */
const LOCAL_HEADER_BYTES = 30;

/** Of an entry of the table of contents (APPNOTE §4.3.12). */
const ENTRY_SIGNATURE = 0x02014b50;

/** Compression methods (APPNOTE §4.4.5) that every packer can write, and what others are called. */
const STORED = 0;
const DEFLATED = 8;
const OTHER_METHODS: Readonly<Record<number, string>> = {
  9: 'Deflate64',
  12: 'bzip2',
  14: 'LZMA',
  93: 'Zstandard',
  95: 'XZ',
  98: 'PPMd',
};

/** A zip archive whose table of contents has been read and holds together. */
export interface ZipDirectory {
  readonly zip: ZipFile;
  /** In the order of their content in the file. */
  readonly entries: readonly Entry[];
}

const OPTIONS: ZipOptions = {
  autoClose: false,
  lazyEntries: true,
  decodeStrings: false,
  validateEntrySizes: true,
};

const openFile = promisify<string, ZipOptions, ZipFile>(open);

/**
 * Reads what a zip says of itself, and refuses before anything is unpacked what cannot be true or is
 * too much. Whoever gets the directory closes its `zip`.
 * @throws ArchiveRefusal
 */
export async function openZip(path: string, limits: UnpackLimits): Promise<ZipDirectory> {
  const zip = await openFile(path, OPTIONS).catch((thrown: unknown) => {
    throw zipRefusal(thrown);
  });
  try {
    if (zip.entryCount > limits.entries) throw tooMany(zip.entryCount, limits);
    const entries = await readEntries(zip);
    await expectEnd(path, zip.readEntryCursor);
    for (const entry of entries) checkEntry(entry);
    checkSizes(zip, entries, limits);
    return { zip, entries: inFileOrder(zip, entries) };
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function readEntries(zip: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  try {
    while (entries.length < zip.entryCount) {
      const read = once(zip, 'entry') as Promise<[Entry]>;
      zip.readEntry();
      entries.push((await read)[0]);
    }
  } catch (thrown) {
    throw zipRefusal(thrown);
  }
  return entries;
}

/** A table of contents with more in it than its count says hides files from who goes by the count. */
async function expectEnd(path: string, at: number): Promise<void> {
  const file = await openRaw(path, 'r');
  try {
    const signature = Buffer.alloc(4);
    await file.read(signature, 0, signature.length, at);
    if (signature.readUInt32LE() !== ENTRY_SIGNATURE) return;
  } finally {
    await file.close();
  }
  throw new ArchiveRefusal(
    'damaged',
    "The zip archive holds more files than it says. Pack the build's folder again.",
  );
}

function checkEntry(entry: Entry): void {
  const { compressionMethod: method } = entry;
  if (entry.isEncrypted()) throw encrypted(zipName(entry));
  if (method === STORED || method === DEFLATED) return;
  throw new ArchiveRefusal(
    'unsupported',
    `${told(zipName(entry))} is packed with ${OTHER_METHODS[method] ?? `method ${method}`}. Pack the build again with the method Deflate.`,
  );
}

function checkSizes(zip: ZipFile, entries: readonly Entry[], limits: UnpackLimits): void {
  let bytes = 0;
  for (const entry of entries) {
    bytes += entry.uncompressedSize;
    // Beyond 2^53 sums are rounded, and far above every limit.
    if (bytes > limits.bytes) throw tooLarge(zipName(entry), limits);
  }
  if (bytes > limits.freeBytes && bytes > zip.fileSize * limits.ratio) throw bomb();
}

/** No byte may belong to two files: that is how a small archive becomes many times itself. */
function inFileOrder(zip: ZipFile, entries: readonly Entry[]): Entry[] {
  const sorted = entries.toSorted(
    (a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader,
  );
  for (const [i, entry] of sorted.entries()) {
    const end =
      entry.relativeOffsetOfLocalHeader +
      LOCAL_HEADER_BYTES +
      entry.fileNameRaw.length +
      entry.compressedSize;
    const next = sorted[i + 1];
    if (next && end > next.relativeOffsetOfLocalHeader) throw overlap(entry, next);
    if (end > zip.fileSize) {
      throw new ArchiveRefusal(
        'damaged',
        `The zip archive ends before ${told(zipName(entry))} does. Upload it again, whole.`,
      );
    }
  }
  return sorted;
}

export function overlap(first: Entry, second: Entry): ArchiveRefusal {
  return new ArchiveRefusal(
    'overlap',
    `${told(zipName(first))} and ${told(zipName(second))} share bytes of the zip archive, as in a zip bomb. Pack the build's folder again.`,
  );
}

export function encrypted(name: string): ArchiveRefusal {
  return new ArchiveRefusal(
    'encrypted',
    `${told(name)} is encrypted. Pack the build again without a password.`,
  );
}

/** Of what yauzl reports, which has no codes. */
export function zipRefusal(thrown: unknown, name?: string): ArchiveRefusal {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const of = name === undefined ? 'The zip archive' : told(name);
  if (message.includes('comment length')) {
    return new ArchiveRefusal(
      'trailing-data',
      'Something follows the end of the zip archive, or it is cut off. Pack the folder again as one archive.',
      { cause: thrown },
    );
  }
  if (message.includes('strong encryption')) {
    return new ArchiveRefusal(
      'encrypted',
      'The zip archive is encrypted. Pack the build again without a password.',
      { cause: thrown },
    );
  }
  if (message.includes('multi-disk')) {
    return new ArchiveRefusal(
      'unsupported',
      'This is one part of a zip archive in several. Pack the build as a single file.',
      { cause: thrown },
    );
  }
  if (/bytes in the stream|size mismatch/.test(message)) {
    return new ArchiveRefusal(
      'lying-size',
      `${of} has another size than the zip archive says (${message}). Pack the build's folder again.`,
      { cause: thrown },
    );
  }
  return asRefusal(thrown, 'damaged', `${of} is damaged. Pack and upload the build again`);
}
