/** One entry of a tar written byte by byte: what is left out is as an honest packer writes it. */
export interface RawTarEntry {
  readonly name: string | Buffer;
  readonly content?: string | Buffer;
  readonly type?: string;
  readonly mode?: number;
  readonly target?: string;
  /** Said in the header. */
  readonly bytes?: number;
  /** The field itself, 12 bytes. */
  readonly sizeField?: Buffer;
  readonly checksum?: number;
}

const BLOCK_BYTES = 512;
/** The end of an archive. */
export const TAR_END = Buffer.alloc(2 * BLOCK_BYTES);

/** A tar of exactly these entries, in POSIX ustar. */
export function rawTar(entries: readonly RawTarEntry[], end: Buffer = TAR_END): Buffer {
  return Buffer.concat([...entries.map(entryOf), end]);
}

/** A pax header for the entry after it. */
export function paxHeader(records: Readonly<Record<string, string>>, type = 'x'): RawTarEntry {
  const content = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`);
    let length = rest + String(rest).length;
    if (String(length).length > String(rest).length) length = rest + String(length).length;
    return `${length} ${key}=${value}\n`;
  });
  return { name: 'PaxHeaders/x', type, content: content.join('') };
}

function entryOf(entry: RawTarEntry): Buffer {
  const content = Buffer.from(entry.content ?? '');
  const header = Buffer.alloc(BLOCK_BYTES);
  Buffer.from(entry.name).copy(header, 0, 0, 100);
  const octal = (value: number, at: number, bytes: number) =>
    header.write(`${value.toString(8).padStart(bytes - 1, '0')}\0`, at, 'latin1');
  octal(entry.mode ?? 0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  if (entry.sizeField) entry.sizeField.copy(header, 124);
  else octal(entry.bytes ?? content.length, 124, 12);
  octal(0, 136, 12);
  header.write(entry.type ?? '0', 156, 'latin1');
  header.write(entry.target ?? '', 157, 100, 'utf8');
  header.write('ustar\x0000', 257, 'latin1');
  header.fill(0x20, 148, 156);
  const sum = entry.checksum ?? header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  const padding = (BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES;
  return Buffer.concat([header, content, Buffer.alloc(padding)]);
}
