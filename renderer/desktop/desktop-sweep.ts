import { mkdir, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownedName, ownerIsGone } from '../sandbox/owner-mark.ts';
import { sweepSandboxes } from '../sandbox/sandbox-description.ts';

/** Beginning of the names of sessions' folders among the system's temporary ones. */
const FOLDER_PREFIX = 'rockpool-desktop-';

/** Short: sockets lie in it, and their paths have an end. */
const SESSION_NAME = 'x';

/** PulseAudio leaves by itself when its worker is gone, and may write into its folder till then. */
const REMOVAL_RETRIES = { maxRetries: 20, retryDelay: 100 };

/** Makes a folder for what a session's display and sound keep; the caller's to remove. */
export async function makeDesktopFolder(): Promise<string> {
  const path = join(tmpdir(), FOLDER_PREFIX + (await ownedName(SESSION_NAME)));
  await mkdir(path, { mode: 0o700 });
  return path;
}

/**
 * Removes what sessions left on this machine whose workers are gone: they were killed or crashed.
 * @returns how many folders and control groups went.
 */
export async function sweepDesktops(): Promise<number> {
  let removed = await sweepSandboxes();
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(FOLDER_PREFIX)) continue;
    if (!(await ownerIsGone(name.slice(FOLDER_PREFIX.length)))) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true, ...REMOVAL_RETRIES });
    removed++;
  }
  return removed;
}
