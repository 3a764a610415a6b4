import { access, constants } from 'node:fs/promises';

/** Where programs of the system are looked for, whatever the worker's own PATH says. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * @param folders to look in, as in the variable PATH.
 * @returns the path of a program of this machine; undefined where it is not installed.
 */
export async function findProgram(
  name: string,
  folders = SYSTEM_PATH,
): Promise<string | undefined> {
  for (const folder of folders.split(':')) {
    if (folder === '') continue;
    const path = `${folder}/${name}`;
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}
