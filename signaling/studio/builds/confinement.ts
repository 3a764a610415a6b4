import { execFile } from 'node:child_process';
import { existsSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Inside: what is unpacked, and where to. */
export const ARCHIVE_MOUNT = '/archive';
export const FOLDER_MOUNT = '/build';

/** Nobody's in particular: files stay those of whoever started the process. */
const INSIDE_ID = '65534';

/** The folder that `protocol/` and `signaling/` lie in, compiled or not. */
export const CODE_ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** Words that run a program of ours in a process of its own. @param path below {@link CODE_ROOT}, without its ending. */
export function nodeWords(path: string, heapMib: number): string[] {
  const isSource = import.meta.url.endsWith('.ts');
  return [
    process.execPath,
    `--max-old-space-size=${heapMib}`,
    ...(isSource ? ['--import', 'tsx'] : []),
    `${CODE_ROOT}/${path}.${isSource ? 'ts' : 'js'}`,
  ];
}

/** Where programs and libraries are; on most systems all but the first are links into it. */
const SYSTEM_FOLDERS = ['/usr', '/bin', '/lib', '/lib64', '/sbin'];

const ISOLATION = [
  ...['--unshare-all', '--unshare-user', '--uid', INSIDE_ID, '--gid', INSIDE_ID],
  ...['--cap-drop', 'ALL', '--die-with-parent', '--new-session', '--clearenv'],
  ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
];

const run = promisify(execFile);
let found: Promise<boolean> | undefined;

/** Whether bubblewrap is on this machine and may do its work; asked once. */
export function hasBubblewrap(): Promise<boolean> {
  found ??= run('bwrap', [...ISOLATION, ...systemFolders(), '--', '/bin/true']).then(
    () => true,
    () => false,
  );
  return found;
}

/**
 * Words that go before a command to run it where it sees the system's programs and Rockpool's code,
 * both read-only, one archive, and one folder to write to: no network, no other process, no data.
 */
export function bubblewrapWords(archive: string, folder: string): string[] {
  return [
    ...['bwrap', ...ISOLATION, ...systemFolders(), ...codeFolders()],
    ...['--ro-bind', archive, ARCHIVE_MOUNT, '--bind', folder, FOLDER_MOUNT],
    ...['--setenv', 'PATH', '/usr/bin:/bin', '--chdir', CODE_ROOT, '--'],
  ];
}

function systemFolders(): string[] {
  return SYSTEM_FOLDERS.flatMap((path) => {
    const target = linkTarget(path);
    if (target !== undefined) return ['--symlink', target, path];
    return existsSync(path) ? ['--ro-bind', path, path] : [];
  });
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    // No link, or not there.
    return undefined;
  }
}

/** What Node needs to load the program: not the folders around it, where an operator's data may lie. */
function codeFolders(): string[] {
  const paths = [
    process.execPath,
    join(CODE_ROOT, 'protocol'),
    join(CODE_ROOT, 'signaling'),
    join(CODE_ROOT, 'tsconfig.json'),
  ];
  // As Node looks for packages and for the kind of a module: upwards.
  for (let folder = CODE_ROOT; ; folder = dirname(folder)) {
    paths.push(join(folder, 'package.json'), join(folder, 'node_modules'));
    if (folder === dirname(folder)) break;
  }
  return paths.filter(existsSync).flatMap((path) => ['--ro-bind', path, path]);
}
