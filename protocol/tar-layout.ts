/*
 * POSIX.1-1988 ustar, with pax headers (POSIX.1-2001) for what its fields do not hold.
 * https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
 */

const BLOCK_BYTES = 512;
/** A packer ends with two empty blocks. */
const END_BYTES = 2 * BLOCK_BYTES;
const NAME_BYTES = 100;
/** Eleven octal digits. */
const MAX_OCTAL_BYTES = 8 ** 11 - 1;
/** The same for everybody: the same files make the same archive. */
const PROGRAM_MODE = 0o755;
const FILE_MODE = 0o644;
const CHECKSUM_AT = 148;

/** Something to be packed. */
export interface TarEntry {
  /** Below the top folder, its parts joined by `/`; for people and for {@link TarPart}. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  /** Of a file. */
  readonly bytes: number;
  readonly runs: boolean;
  /** Of a link. */
  readonly target: string;
}

/** A stretch of an archive: bytes, or a file's whole content. */
export type TarPart =
  | { readonly content: Uint8Array }
  | { readonly path: string; readonly bytes: number };

const utf8 = new TextEncoder();

/**
 * What an uncompressed tar of these entries consists of, one part after the other. The same entries
 * make the same archive, whatever their order, so that it can be read from anywhere in it.
 */
export function tarParts(entries: readonly TarEntry[]): TarPart[] {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  const parts: TarPart[] = sorted.flatMap((entry) => {
    const header = { content: headerOf(entry) };
    if (entry.kind !== 'file' || entry.bytes === 0) return [header];
    const padding = paddingOf(entry.bytes);
    return [
      header,
      { path: entry.path, bytes: entry.bytes },
      ...(padding > 0 ? [{ content: new Uint8Array(padding) }] : []),
    ];
  });
  return [...parts, { content: new Uint8Array(END_BYTES) }];
}

export function bytesOf(part: TarPart): number {
  return 'content' in part ? part.content.length : part.bytes;
}

function headerOf({ path, kind, bytes, runs, target }: TarEntry): Uint8Array {
  const name = utf8.encode(kind === 'folder' ? `${path}/` : path);
  const link = utf8.encode(kind === 'link' ? target : '');
  const size = kind === 'file' ? bytes : 0;
  const records = [
    ...(name.length > NAME_BYTES ? [paxRecord('path', name)] : []),
    ...(link.length > NAME_BYTES ? [paxRecord('linkpath', link)] : []),
    ...(size > MAX_OCTAL_BYTES ? [paxRecord('size', utf8.encode(String(size)))] : []),
  ];
  const type = kind === 'folder' ? '5' : kind === 'link' ? '2' : '0';
  const mode = runs || kind === 'folder' ? PROGRAM_MODE : FILE_MODE;
  const own = block({ name, mode, size, type, link });
  if (records.length === 0) return own;
  const extension = joined(records);
  const before = block({
    name: utf8.encode('pax'),
    mode: FILE_MODE,
    size: extension.length,
    type: 'x',
    link: new Uint8Array(),
  });
  return joined([before, extension, new Uint8Array(paddingOf(extension.length)), own]);
}

interface Block {
  readonly name: Uint8Array;
  readonly mode: number;
  readonly size: number;
  readonly type: string;
  readonly link: Uint8Array;
}

function block({ name, mode, size, type, link }: Block): Uint8Array {
  const bytes = new Uint8Array(BLOCK_BYTES);
  const put = (at: number, text: string) => bytes.set(utf8.encode(text), at);
  bytes.set(whole(name), 0);
  put(100, octal(mode, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(size > MAX_OCTAL_BYTES ? 0 : size, 11));
  put(136, octal(0, 11));
  // The sum is taken with spaces in its own place.
  put(CHECKSUM_AT, '        ');
  put(156, type);
  bytes.set(whole(link), 157);
  put(257, 'ustar\0' + '00');
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  put(CHECKSUM_AT, `${octal(sum, 6)}\0 `);
  return bytes;
}

/** As much as its field holds, and no half of a character: the pax header has all of it. */
function whole(text: Uint8Array): Uint8Array {
  if (text.length <= NAME_BYTES) return text;
  let end = NAME_BYTES;
  // A byte that goes on with a character before it begins with the bits 10.
  while (end > 0 && ((text[end] ?? 0) & 0xc0) === 0x80) end--;
  return text.subarray(0, end);
}

/** `LENGTH KEY=VALUE\n`, where the length is that of the whole record, its own digits included. */
function paxRecord(key: string, value: Uint8Array): Uint8Array {
  const rest = key.length + value.length + 3;
  let length = rest + String(rest).length;
  if (rest + String(length).length > length) length++;
  return joined([utf8.encode(`${length} ${key}=`), value, utf8.encode('\n')]);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function paddingOf(bytes: number): number {
  return (BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
