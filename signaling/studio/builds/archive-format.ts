import { open } from 'node:fs/promises';
import { ArchiveRefusal } from './archive-refusal.ts';

export type ArchiveFormat = 'zip' | 'tar' | 'tar.gz' | 'tar.zst';

/** Where a tar's magic ends: nothing else that is told apart here needs as much. */
const HEAD_BYTES = 263;

/** By the first bytes, in hexadecimal: what is taken. A zip without entries begins with its end. */
const TAKEN: readonly (readonly [string, ArchiveFormat])[] = [
  ['504b0304', 'zip'],
  ['504b0506', 'zip'],
  ['504b0606', 'zip'],
  ['1f8b', 'tar.gz'],
  ['28b52ffd', 'tar.zst'],
  // A skippable frame may come first (RFC 8878 §3.1.2).
  ['502a4d18', 'tar.zst'],
];

/** What studios upload by mistake. */
const KNOWN: readonly (readonly [string, string])[] = [
  ['377abcaf271c', 'a 7z archive'],
  ['526172211a07', 'a RAR archive'],
  ['fd377a585a00', 'an xz archive'],
  ['425a68', 'a bzip2 archive'],
  ['504b0708', 'one part of a zip archive in several'],
  ['7f454c46', 'a Linux program'],
  ['4d5a', 'a Windows program'],
  ['213c617263683e', 'a Debian package'],
];

/**
 * What a file is by its first bytes, whatever its name says.
 * @throws ArchiveRefusal `unknown-format` where it is nothing that can be unpacked.
 */
export async function archiveFormat(path: string): Promise<ArchiveFormat> {
  const head = await readHead(path);
  const hex = head.toString('hex');
  const taken = TAKEN.find(([magic]) => hex.startsWith(magic));
  if (taken) return taken[1];
  if (head.toString('latin1', 257, 262) === 'ustar') return 'tar';
  const known = KNOWN.find(([magic]) => hex.startsWith(magic));
  const what =
    head.length === 0 ? 'an empty file' : (known?.[1] ?? 'no archive that is known here');
  throw new ArchiveRefusal(
    'unknown-format',
    `This is ${what}. Pack the build's folder as .zip, .tar.gz or .tar.zst.`,
  );
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
