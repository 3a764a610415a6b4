import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownedName, SESSION_FOLDER_PREFIX } from '../sandbox/owner-mark.ts';

/** Short: sockets lie in it, and their paths have an end. */
const SESSION_NAME = 'x';

/**
 * Makes a folder for what a session's display and sound keep; the caller's to remove. Of one that is
 * killed before it could, `sweepSandboxes` removes it.
 */
export async function makeDesktopFolder(): Promise<string> {
  const path = join(tmpdir(), SESSION_FOLDER_PREFIX + (await ownedName(SESSION_NAME)));
  await mkdir(path, { mode: 0o700 });
  return path;
}
