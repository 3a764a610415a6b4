import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { COMPRESSED_ENDINGS, type ContentKind, contentKind } from './content-types.ts';

/** What answers a request. */
export type Served =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly sizeBytes: number;
      readonly content: ContentKind;
    }
  /** A folder asked for without its slash: relative addresses of its page need one. */
  | { readonly kind: 'folder' }
  | { readonly kind: 'missing' };

const MISSING: Served = { kind: 'missing' };
const INDEX = 'index.html';

/**
 * Finds what an address stands for in a folder. Nothing outside the folder is ever found, whatever
 * links lead there, and nothing but regular files.
 * @param folder absolute, with no symbolic link in it.
 * @param pathname of the address, still encoded.
 */
export async function findServed(folder: string, pathname: string): Promise<Served> {
  const path = decode(pathname);
  if (path === undefined) return MISSING;
  const found = await look(folder, path);
  if (found === 'folder') {
    if (!path.endsWith('/')) return { kind: 'folder' };
    const index = await look(folder, path + INDEX);
    return typeof index === 'object' ? file(index, INDEX) : MISSING;
  }
  if (found) return path.endsWith('/') ? MISSING : file(found, path);
  for (const ending of COMPRESSED_ENDINGS) {
    const packed = await look(folder, `${path}.${ending}`);
    if (typeof packed === 'object') return file(packed, `${path}.${ending}`);
  }
  return MISSING;
}

interface Found {
  readonly path: string;
  readonly sizeBytes: number;
}

function file({ path, sizeBytes }: Found, name: string): Served {
  return { kind: 'file', path, sizeBytes, content: contentKind(name) };
}

/** Undefined where the address cannot be one of a file below the folder. */
function decode(pathname: string): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
  if (!path.startsWith('/') || path.includes('\0')) return undefined;
  return path.split('/').includes('..') ? undefined : path;
}

async function look(folder: string, path: string): Promise<Found | 'folder' | undefined> {
  try {
    const real = await realpath(join(folder, path));
    if (real !== folder && !real.startsWith(folder + sep)) return undefined;
    const found = await stat(real);
    if (found.isDirectory()) return 'folder';
    return found.isFile() ? { path: real, sizeBytes: found.size } : undefined;
  } catch {
    // Not there, or not to be read: for who asks that is the same.
    return undefined;
  }
}
