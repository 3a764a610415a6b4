import { ArchiveRefusal, told } from './archive-refusal.ts';

/*
 * POSIX.1-1988 ustar, with the extensions that packers write: POSIX.1-2001 pax and GNU's long names.
 * https://www.gnu.org/software/tar/manual/html_node/Standard.html
 */

export const TAR_BLOCK_BYTES = 512;

/** What a header block says by itself. */
export interface TarHeader {
  readonly name: string;
  readonly mode: number;
  readonly bytes: number;
  /** One character, such as `0` for a file. */
  readonly type: string;
  readonly target: string;
}

/** What an extended header says of the entry after it. */
export interface PaxRecords {
  readonly name?: string;
  readonly target?: string;
  readonly bytes?: number;
}

/** @throws ArchiveRefusal `damaged` where the block is no header, `bad-name` for a name without UTF-8. */
export function parseTarHeader(block: Buffer): TarHeader {
  if (octalIn(block.subarray(148, 156)) !== checksumOf(block)) {
    throw damagedTar('a header has a wrong checksum');
  }
  const name = textIn(block.subarray(0, 100));
  // GNU's own format has times where POSIX has the first part of long names.
  const isPosix = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isPosix ? textIn(block.subarray(345, 500)) : '';
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    mode: octalIn(block.subarray(100, 108)) & 0o7777,
    bytes: numberIn(block.subarray(124, 136)),
    type: block.toString('latin1', 156, 157),
    target: textIn(block.subarray(157, 257)),
  };
}

/**
 * Records of a pax header: `LENGTH KEY=VALUE\n`, the length in decimal, of the whole record.
 * @throws ArchiveRefusal `damaged`; `unsupported` for sparse files.
 */
export function parsePax(bytes: Buffer): PaxRecords {
  const records: { name?: string; target?: string; bytes?: number } = {};
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    const digits = space < 0 ? '' : bytes.toString('latin1', at, space);
    const length = /^[1-9]\d{0,9}$/.test(digits) ? Number(digits) : 0;
    const record = bytes.subarray(space + 1, at + length - 1);
    const equals = record.indexOf(0x3d);
    if (length <= space - at || at + length > bytes.length || equals < 0) {
      throw damagedTar('an extended header cannot be read');
    }
    if (bytes[at + length - 1] !== 0x0a) throw damagedTar('an extended header cannot be read');
    const key = record.toString('latin1', 0, equals);
    const value = record.subarray(equals + 1);
    if (key === 'path') records.name = decodeName(value);
    else if (key === 'linkpath') records.target = decodeName(value);
    else if (key === 'size') records.bytes = decimal(value.toString('latin1'));
    else if (key.startsWith('GNU.sparse.')) throw sparse();
    at += length;
  }
  return records;
}

/** Of a name as long as its block's content, which ends at the first zero byte. */
export function parseLongName(bytes: Buffer): string {
  return textIn(bytes);
}

export function damagedTar(why: string): ArchiveRefusal {
  return new ArchiveRefusal(
    'damaged',
    `The tar archive is damaged: ${why}. Pack and upload it again.`,
  );
}

export function sparse(): ArchiveRefusal {
  return new ArchiveRefusal(
    'unsupported',
    'The tar archive holds sparse files. Pack it again without --sparse.',
  );
}

/** Sum of all bytes, those of the sum itself taken as spaces. */
function checksumOf(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let i = 0; i < block.length; i++) if (i < 148 || i >= 156) sum += block[i] ?? 0;
  return sum;
}

function octalIn(field: Buffer): number {
  const text = field
    .toString('latin1')
    .replace(/[\0 ]+$/, '')
    .trimStart();
  if (text === '') return 0;
  if (!/^[0-7]+$/.test(text)) throw damagedTar('a number in a header is none');
  return Number.parseInt(text, 8);
}

/** Octal digits, or GNU's form for large numbers: the first bit set, then the number itself. */
function numberIn(field: Buffer): number {
  const [first = 0] = field;
  if ((first & 0x80) === 0) return octalIn(field);
  let value = BigInt(first & 0x7f);
  for (const byte of field.subarray(1)) value = value * 256n + BigInt(byte);
  return safe(Number(value));
}

function decimal(text: string): number {
  if (!/^\d{1,20}$/.test(text)) throw damagedTar('a size is no number');
  return safe(Number(text));
}

function safe(value: number): number {
  if (!Number.isSafeInteger(value)) throw damagedTar('a file is said to be impossibly large');
  return value;
}

function textIn(field: Buffer): string {
  const end = field.indexOf(0);
  return decodeName(end < 0 ? field : field.subarray(0, end));
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeName(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new ArchiveRefusal(
      'bad-name',
      `The name ${told(bytes.toString('latin1'))} is not UTF-8. Rename the file, and pack it again on a system that uses UTF-8.`,
      { cause },
    );
  }
}
