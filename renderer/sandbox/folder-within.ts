import { constants, type Dirent } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { RockpoolError } from '../../protocol/errors.ts';

const FOLDER_FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** Opening a named pipe would otherwise wait for a writer, on a thread that all files share. */
const FILE_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens a file below a folder that a program may be changing right now, one step at a time and
 * without following any link: whatever the program does meanwhile, the file lies in the folder.
 * @param folder trusted itself, such as a sandbox's home folder.
 * @param path relative, parts separated by `/`; `` or `.` parts and `..` are refused.
 * @throws RockpoolError `game-failed` where a step is a link or the end is not a plain file; the
 * system's own error (ENOENT) where it does not exist.
 */
export async function openFileWithin(folder: string, path: string): Promise<FileHandle> {
  const parts = path.split('/');
  const name = parts.pop() ?? '';
  const parent = await openFolderWithin(folder, parts.join('/'));
  try {
    const file = await openStep(parent, name, path, FILE_FLAGS);
    const stat = await file.stat();
    if (stat.isFile()) return file;
    await file.close();
    throw astray(path, 'is not a plain file');
  } finally {
    await parent.close();
  }
}

/** What a folder below `folder` holds, found as in {@link openFileWithin}; `` is the folder itself. */
export async function listFolderWithin(folder: string, path: string): Promise<Dirent[]> {
  const handle = await openFolderWithin(folder, path);
  try {
    return await readdir(`/proc/self/fd/${handle.fd}`, { withFileTypes: true });
  } finally {
    await handle.close();
  }
}

async function openFolderWithin(folder: string, path: string): Promise<FileHandle> {
  let handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  if (path === '') return handle;
  for (const part of path.split('/')) {
    const parent = handle;
    try {
      handle = await openStep(parent, part, path, FOLDER_FLAGS);
    } finally {
      await parent.close();
    }
  }
  return handle;
}

async function openStep(
  parent: FileHandle,
  name: string,
  path: string,
  flags: number,
): Promise<FileHandle> {
  if (name === '' || name === '.' || name === '..' || name.includes('\0')) {
    throw astray(path, 'is no path below the folder');
  }
  try {
    return await open(`/proc/self/fd/${parent.fd}/${name}`, flags);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    // ENOTDIR is what O_DIRECTORY makes of a link, ENXIO what a socket gives.
    if (code === 'ELOOP' || code === 'ENOTDIR' || code === 'ENXIO') {
      throw astray(path, 'leads over a link or something that is no folder or file', cause);
    }
    throw cause;
  }
}

function astray(path: string, why: string, cause?: unknown): RockpoolError {
  return new RockpoolError('game-failed', `"${path}" in the game's home folder ${why}.`, { cause });
}
