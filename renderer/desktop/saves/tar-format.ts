import { RockpoolError } from '../../../protocol/errors.ts';

/*
 * The part of the tar format that saves need: files and folders, with GNU's long names. What is
 * written has no times, owners or order of its own: the same entries give the same bytes.
 * https://www.gnu.org/software/tar/manual/html_node/Standard.html
 */

const BLOCK_BYTES = 512;
/** Of the header's name field. */
const SHORT_NAME_BYTES = 100;
/** `PATH_MAX` of Linux: paths are shorter, a folder's with its last slash as well. */
export const MAX_PATH_BYTES = 4095;
const MAGIC = 'ustar  \0';
const LONG_NAME = '././@LongLink';

const FILE = '0';
const FOLDER = '5';
const LONG = 'L';

/** A file, or a folder where there is no content. */
export interface TarEntry {
  /** Relative; the bytes of the file system, one character each (`latin1`). */
  readonly path: string;
  readonly content: Uint8Array | undefined;
}

/** The archive in pieces, in their order; file contents are passed on, not copied. */
export function* writeTar(entries: Iterable<TarEntry>): Generator<Uint8Array> {
  for (const { path, content } of entries) {
    const name = content ? path : `${path}/`;
    if (name.length > SHORT_NAME_BYTES) {
      const long = Buffer.from(`${name}\0`, 'latin1');
      yield headerOf(LONG_NAME, LONG, long.length);
      yield* padded(long);
    }
    const short = name.slice(0, SHORT_NAME_BYTES);
    yield headerOf(short, content ? FILE : FOLDER, content?.length ?? 0);
    if (content) yield* padded(content);
  }
  yield new Uint8Array(2 * BLOCK_BYTES);
}

/**
 * @returns entries whose contents lie in `bytes`.
 * @throws RockpoolError `game-failed` for all that {@link writeTar} does not write: links, devices,
 * paths that lead elsewhere, a wrong checksum, a cut end.
 */
export function readTar(bytes: Uint8Array): TarEntry[] {
  const tar = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: TarEntry[] = [];
  let longName: string | undefined;
  let position = 0;
  for (;;) {
    const header = tar.subarray(position, position + BLOCK_BYTES);
    if (header.length < BLOCK_BYTES) throw damaged('it is cut off');
    position += BLOCK_BYTES;
    if (header.every((byte) => byte === 0)) break;
    const { name, type, size } = parseHeader(header);
    const data = tar.subarray(position, position + size);
    if (data.length < size) throw damaged('it is cut off');
    position += size + paddingOf(size);
    if (type === LONG) {
      if (longName !== undefined || size > MAX_PATH_BYTES + 1) throw damaged('a name is too long');
      longName = untilZero(data);
      continue;
    }
    entries.push(entryOf(longName ?? name, type, data));
    longName = undefined;
  }
  if (longName !== undefined) throw damaged('a name belongs to nothing');
  return entries;
}

function entryOf(name: string, type: string, data: Uint8Array): TarEntry {
  const isFolder = type === FOLDER;
  if (!isFolder && type !== FILE) throw damaged(`it holds an entry of the type "${type}"`);
  if (isFolder && (!name.endsWith('/') || data.length > 0)) throw damaged('a folder is none');
  const path = isFolder ? name.slice(0, -1) : name;
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw damaged('a path leads elsewhere');
  }
  return { path, content: isFolder ? undefined : data };
}

/** Offsets as in the standard: name, mode, owner, group, size, time, checksum, type, magic. */
function headerOf(name: string, type: string, size: number): Uint8Array {
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(name, 0, 'latin1');
  header.write(octal(type === FILE || type === LONG ? 0o644 : 0o755, 7), 100, 'latin1');
  header.write(octal(0, 7), 108, 'latin1');
  header.write(octal(0, 7), 116, 'latin1');
  header.write(octal(size, 11), 124, 'latin1');
  header.write(octal(0, 11), 136, 'latin1');
  header.write(type, 156, 'latin1');
  header.write(MAGIC, 257, 'latin1');
  header.write(`${octal(checksumOf(header), 6)} `, 148, 'latin1');
  return header;
}

function parseHeader(header: Buffer) {
  const checksum = numberIn(header.subarray(148, 156));
  if (checksum !== checksumOf(header)) throw damaged('a checksum is wrong');
  if (header.toString('latin1', 257, 265) !== MAGIC) throw damaged('it is of another kind');
  return {
    name: untilZero(header.subarray(0, SHORT_NAME_BYTES)),
    type: header.toString('latin1', 156, 157),
    size: numberIn(header.subarray(124, 136)),
  };
}

/** Sum of all bytes, those of the sum itself taken as spaces. */
function checksumOf(header: Uint8Array): number {
  let sum = 0;
  for (const [i, byte] of header.entries()) sum += i >= 148 && i < 156 ? 0x20 : byte;
  return sum;
}

function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, '0')}\0`;
}

function numberIn(field: Buffer): number {
  const text = field.toString('latin1');
  if (!/^[0-7]+[\0 ]+$/.test(text)) throw damaged('a number is none');
  return Number.parseInt(text, 8);
}

function untilZero(field: Buffer): string {
  const text = field.toString('latin1');
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

function* padded(data: Uint8Array): Generator<Uint8Array> {
  yield data;
  yield new Uint8Array(paddingOf(data.length));
}

function paddingOf(size: number): number {
  return (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
}

function damaged(why: string): RockpoolError {
  return new RockpoolError('game-failed', `The saved game cannot be read: ${why}.`);
}
