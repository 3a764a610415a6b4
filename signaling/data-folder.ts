import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Whether something thrown is a failure of the system with this code, such as `ENOENT`. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Whether something thrown says that a disk, or what one may use of it, is full. */
export function isDiskFull(error: unknown): boolean {
  return isCode(error, 'ENOSPC') || isCode(error, 'EDQUOT');
}

/** Writes beside the target and renames, so that a reader sees the old file or the new, never half. */
export async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(draft, bytes);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/**
 * The secret kept in `folder/name`, 32 random bytes as base64url, made when there is none. Only its
 * owner may read the file. Two processes that start at once agree on one secret.
 */
export async function readOrCreateSecret(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  const kept = await readSecret(path);
  if (kept !== undefined) return kept;
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}.tmp`;
  const secret = randomBytes(32).toString('base64url');
  try {
    await writeFile(draft, `${secret}\n`, { mode: 0o600, flag: 'wx' });
    // Unlike a rename, a hard link never replaces what another process has just put there.
    await link(draft, path);
    return secret;
  } catch (error) {
    const theirs = isCode(error, 'EEXIST') ? await readSecret(path) : undefined;
    if (theirs === undefined) throw error;
    return theirs;
  } finally {
    await rm(draft, { force: true });
  }
}

async function readSecret(path: string): Promise<string | undefined> {
  try {
    const secret = (await readFile(path, 'utf8')).trim();
    return secret === '' ? undefined : secret;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
