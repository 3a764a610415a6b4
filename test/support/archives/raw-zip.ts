import { crc32, deflateRawSync } from 'node:zlib';

/** One entry of a zip written byte by byte: what is left out is as an honest packer writes it. */
export interface RawZipEntry {
  readonly name: string | Buffer;
  readonly content?: string | Buffer;
  /** Unix mode with its type bits; undefined: packed on Windows. */
  readonly mode?: number;
  readonly method?: number;
  readonly flags?: number;
  /** Said in the table of contents and in the local header. */
  readonly bytes?: number;
  readonly packedBytes?: number;
  readonly crc32?: number;
  /** In the local header alone. */
  readonly localName?: string;
  /** Where the table of contents says that the entry begins. */
  readonly at?: number;
  /** No local header and no content are written. */
  readonly directoryOnly?: boolean;
  readonly zip64?: { readonly bytes: bigint; readonly packedBytes: bigint };
}

export interface RawZipOptions {
  /** Said at the end. */
  readonly count?: number;
  readonly after?: Buffer;
  readonly comment?: string;
  /** Number of this disk. */
  readonly disk?: number;
}

const DEFLATED = 8;
const UTF8 = 0x800;

/** A zip of exactly these entries (APPNOTE §4.3). */
export function rawZip(entries: readonly RawZipEntry[], options: RawZipOptions = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const entry of entries) {
    const written = partsOf(entry, at);
    if (!entry.directoryOnly) {
      parts.push(written.local);
      at += written.local.length;
    }
    directory.push(written.central);
  }
  const directoryBytes = directory.reduce((sum, { length }) => sum + length, 0);
  const comment = Buffer.from(options.comment ?? '');
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(options.disk ?? 0, 4);
  end.writeUInt16LE(options.count ?? entries.length, 8);
  end.writeUInt16LE(options.count ?? entries.length, 10);
  end.writeUInt32LE(directoryBytes, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, ...directory, end, comment, options.after ?? Buffer.alloc(0)]);
}

function partsOf(entry: RawZipEntry, at: number) {
  const name = Buffer.from(entry.name);
  const localName = Buffer.from(entry.localName ?? entry.name);
  const content = Buffer.from(entry.content ?? '');
  const method = entry.method ?? DEFLATED;
  const packed = method === DEFLATED ? deflateRawSync(content) : content;
  const extra = entry.zip64 ? zip64Extra(entry.zip64) : Buffer.alloc(0);
  const sizes = {
    crc: entry.crc32 ?? crc32(content),
    packed: entry.zip64 ? 0xffffffff : (entry.packedBytes ?? packed.length),
    bytes: entry.zip64 ? 0xffffffff : (entry.bytes ?? content.length),
  };
  const common = (header: Buffer, from: number, nameBytes: number, extraBytes: number) => {
    header.writeUInt16LE(45, from);
    header.writeUInt16LE(entry.flags ?? UTF8, from + 2);
    header.writeUInt16LE(method, from + 4);
    header.writeUInt32LE(sizes.crc, from + 10);
    header.writeUInt32LE(sizes.packed, from + 14);
    header.writeUInt32LE(sizes.bytes, from + 18);
    header.writeUInt16LE(nameBytes, from + 22);
    header.writeUInt16LE(extraBytes, from + 24);
  };
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  common(local, 4, localName.length, extra.length);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE((entry.mode === undefined ? 0 : 3) * 256 + 45, 4);
  common(central, 6, name.length, extra.length);
  central.writeUInt32LE(((entry.mode ?? 0) * 65_536) >>> 0, 38);
  central.writeUInt32LE(entry.at ?? at, 42);
  return {
    local: Buffer.concat([local, localName, extra, packed]),
    central: Buffer.concat([central, name, extra]),
  };
}

function zip64Extra({ bytes, packedBytes }: NonNullable<RawZipEntry['zip64']>): Buffer {
  const extra = Buffer.alloc(20);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(16, 2);
  extra.writeBigUInt64LE(bytes, 4);
  extra.writeBigUInt64LE(packedBytes, 12);
  return extra;
}
