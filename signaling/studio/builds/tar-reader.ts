import { type ArchiveEntry, noContent } from './archive-entry.ts';
import { ArchiveRefusal, told } from './archive-refusal.ts';
import { ByteReader } from './byte-reader.ts';
import {
  damagedTar,
  type PaxRecords,
  parseLongName,
  parsePax,
  parseTarHeader,
  sparse,
  TAR_BLOCK_BYTES,
  type TarHeader,
} from './tar-header.ts';

/** Of an extended header. File attributes may be 64 KiB each; names are shorter. */
const MAX_EXTENSION_BYTES = 2 ** 20;

const KINDS: Readonly<Record<string, ArchiveEntry['kind']>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  '1': 'hard-link',
  '2': 'symbolic-link',
  '3': 'special',
  '4': 'special',
  '5': 'folder',
  '6': 'special',
};

/**
 * The entries of a tar in their order. Stricter than `tar` itself: the end must be marked, and nothing
 * may follow it, so that everybody who reads the archive finds the same files in it.
 * @throws ArchiveRefusal
 */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveEntry> {
  const bytes = new ByteReader(source);
  try {
    yield* readEntries(bytes);
  } finally {
    await bytes.close();
  }
}

async function* readEntries(bytes: ByteReader): AsyncGenerator<ArchiveEntry> {
  let extension: PaxRecords = {};
  for (;;) {
    const block = await wholeBlock(bytes);
    if (isZero(block)) {
      if (Object.keys(extension).length > 0)
        throw damagedTar('an extended header belongs to nothing');
      return await expectEnd(bytes);
    }
    const header = parseTarHeader(block);
    const further = await readExtension(header, bytes);
    if (further) {
      extension = { ...extension, ...further };
      continue;
    }
    const entry = { ...header, ...extension };
    extension = {};
    yield* readEntry(entry, bytes);
  }
}

async function* readEntry(header: TarHeader, bytes: ByteReader): AsyncGenerator<ArchiveEntry> {
  const { name, mode, target, type } = header;
  if (type === 'S') throw sparse();
  const said = KINDS[type];
  if (said === undefined) {
    throw new ArchiveRefusal(
      'unsupported',
      `${told(name)} is an entry of the kind ${told(type)}, which is not known here. Pack the build with "tar --format=pax".`,
    );
  }
  // Before POSIX a folder was a file whose name ends in a slash.
  const kind = said === 'file' && name.endsWith('/') ? 'folder' : said;
  if (kind !== 'file' && header.bytes > 0) {
    throw damagedTar(`${told(name)} is a ${kind.replace('-', ' ')} with content`);
  }
  if (kind !== 'file') {
    yield { name, kind, mode, target, content: noContent() };
    return;
  }
  const content = contentOf(header, bytes);
  yield { name, kind, mode, target: '', content };
  // What the caller left unread.
  for await (const _ of content);
}

async function* contentOf({ name, bytes: size }: TarHeader, bytes: ByteReader) {
  let missing = size;
  while (missing > 0) {
    const piece = await bytes.next(missing);
    if (!piece) throw damagedTar(`it ends within ${told(name)}`);
    missing -= piece.length;
    yield piece;
  }
  await skipPadding(size, bytes);
}

/** @returns undefined for a header that is an entry's own. */
async function readExtension(
  header: TarHeader,
  bytes: ByteReader,
): Promise<PaxRecords | undefined> {
  switch (header.type) {
    case 'x':
      return parsePax(await extensionContent(header, bytes));
    case 'g': {
      // For all entries that follow: packers leave a comment there, and nothing that matters here.
      const { name, target, bytes: size } = parsePax(await extensionContent(header, bytes));
      if (name === undefined && target === undefined && size === undefined) return {};
      throw damagedTar('an extended header names every file alike');
    }
    case 'L':
      return { name: parseLongName(await extensionContent(header, bytes)) };
    case 'K':
      return { target: parseLongName(await extensionContent(header, bytes)) };
    default:
      return undefined;
  }
}

async function extensionContent({ bytes: size }: TarHeader, bytes: ByteReader): Promise<Buffer> {
  if (size > MAX_EXTENSION_BYTES) {
    throw new ArchiveRefusal(
      'bad-name',
      `The tar archive has a name or an attribute of ${size} bytes. Shorten it, and pack the build again.`,
    );
  }
  const content = await bytes.read(size);
  if (content.length < size) throw damagedTar('it ends within an extended header');
  await skipPadding(size, bytes);
  return content;
}

async function skipPadding(size: number, bytes: ByteReader): Promise<void> {
  const padding = (TAR_BLOCK_BYTES - (size % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES;
  if ((await bytes.read(padding)).length < padding) throw damagedTar('it is cut off');
}

async function wholeBlock(bytes: ByteReader): Promise<Buffer> {
  const block = await bytes.read(TAR_BLOCK_BYTES);
  if (block.length < TAR_BLOCK_BYTES) throw damagedTar('it is cut off');
  return block;
}

/** After the first block of zeros comes a second one, and zeros to fill the packer's record. */
async function expectEnd(bytes: ByteReader): Promise<void> {
  if (!isZero(await wholeBlock(bytes))) throw trailing();
  for (;;) {
    const rest = await bytes.next(2 ** 16);
    if (!rest) return;
    if (!isZero(rest)) throw trailing();
  }
}

function trailing(): ArchiveRefusal {
  return new ArchiveRefusal(
    'trailing-data',
    'Something follows the end of the tar archive, so that two programs may find two different builds in it. Pack the folder again as one archive.',
  );
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
