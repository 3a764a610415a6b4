import { constants } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILD_MOUNT } from '../../protocol/build-manifest.ts';
import { ELF_HEAD_BYTES, readElfHeader } from '../../protocol/elf-header.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import { openSandbox } from './bubblewrap-sandbox.ts';
import type { LimitName, ProgramExit, ProgramOrder } from './program-order.ts';

/** Of a log in a sentence for people; wire errors carry 2000 characters in all. */
const TOLD_LOG_CHARACTERS = 1200;

/** Where programs and loaders of the system are; beside /usr where these are no links into it. */
const SYSTEM_FOLDERS = ['/usr', '/bin', '/sbin', '/lib', '/lib64'];

/** Of a script's first line; the kernel reads as much. */
const SCRIPT_LINE_BYTES = 256;

/**
 * Looks at a program before it is run: what the kernel would refuse with a number is refused here
 * with a sentence.
 * @throws RockpoolError `bad-manifest` where the entry is missing in the build, not executable, not
 * readable or made for another machine; `missing-package` where it, or the interpreter or loader it
 * asks for, should be the system's and is not there.
 */
export async function checkEntry(
  order: Pick<ProgramOrder, 'command' | 'buildFolder'>,
): Promise<void> {
  const { command, buildFolder } = order;
  const told = toldName(command);
  const path = await onHost(command, buildFolder);
  if (!path) {
    throw command.startsWith(`${BUILD_MOUNT}/`)
      ? new RockpoolError(
          'bad-manifest',
          `The build has no file ${told}: "entry" in rockpool.json must name its program.`,
        )
      : new RockpoolError(
          'missing-package',
          `This machine has no ${told}: name the Debian package it comes in under "packages" in rockpool.json.`,
        );
  }
  if (((await stat(path)).mode & 0o111) === 0) {
    throw new RockpoolError(
      'bad-manifest',
      `${told} is not executable: run "chmod +x" on it before you upload the build.`,
    );
  }
  for (const place of [...foldersAbove(command, buildFolder), path]) {
    if (await isOpenToSessions(place)) continue;
    throw new RockpoolError(
      'bad-manifest',
      `${place === path ? told : 'A folder of the build'} may not be read and run by everybody: run "chmod -R a+rX" on the build's folder.`,
    );
  }
  const head = await readHead(path);
  const elf = readElfHeader(head);
  if (elf) {
    if (elf.architecture !== process.arch) {
      throw new RockpoolError(
        'bad-manifest',
        `${told} is a program for ${elf.architecture}, and this machine is ${process.arch}: upload a build for ${process.arch}.`,
      );
    }
    await requireFile(elf.interpreter, told, 'the loader', buildFolder);
    return;
  }
  const line = head.subarray(0, SCRIPT_LINE_BYTES).toString('latin1').split('\n')[0] ?? '';
  const interpreter = /^#!\s*(\S+)/.exec(line)?.[1]?.replace(/\r$/, '');
  if (!interpreter) {
    throw new RockpoolError(
      'bad-manifest',
      `${told} is neither a program for Linux nor a script that begins with "#!" and its interpreter.`,
    );
  }
  if (line.endsWith('\r')) {
    throw new RockpoolError(
      'bad-manifest',
      `${told} has lines that end as on Windows (CR LF), and so its first line names no interpreter: save it with LF.`,
    );
  }
  await requireFile(interpreter, told, 'its interpreter', buildFolder);
}

/**
 * Names of the shared libraries that a program of the order's asks for and does not find, as its own
 * loader sees it inside a sandbox. Empty for scripts and static programs.
 */
export async function listMissingLibraries(order: ProgramOrder): Promise<string[]> {
  const path = await onHost(order.command, order.buildFolder);
  const elf = path ? readElfHeader(await readHead(path)) : undefined;
  if (!elf?.interpreter) return [];
  const sandbox = await openSandbox({
    ...order,
    command: elf.interpreter,
    args: ['--list', order.command],
    network: false,
    stdio: 'log',
  });
  try {
    await sandbox.start();
    await sandbox.exited;
    return missingLibrariesIn(sandbox.logTail());
  } finally {
    await sandbox.close();
  }
}

/**
 * What a program that ended by itself died of, in words for players and studios, with its last words;
 * code 0 is only to be explained before there was a window.
 */
export function explainExit(order: ProgramOrder, exit: ProgramExit, log: string): RockpoolError {
  const libraries = missingLibrariesIn(log);
  if (libraries.length > 0) {
    return new RockpoolError(
      'missing-package',
      `The game needs ${libraries.join(', ')}, which this machine does not have: put it into the build, or name its Debian package under "packages" in rockpool.json.`,
    );
  }
  if (exit.kind === 'limit') {
    return new RockpoolError(
      'resource-limit',
      `${limitSentence(order, exit.limit)}${lastWords(log)}`,
    );
  }
  const how =
    exit.kind === 'signal'
      ? `The game crashed (${exit.signal}).`
      : exit.code === 0
        ? 'The game ended without having shown a window.'
        : `The game ended with code ${exit.code}.`;
  return new RockpoolError('game-failed', `${how}${lastWords(log)}`);
}

function limitSentence({ limits }: ProgramOrder, limit: LimitName): string {
  switch (limit) {
    case 'memory':
      return `The game was stopped because it took more than its ${limits.memoryMib} MiB of memory: raise limits.memoryMib in rockpool.json.`;
    case 'processes':
      return `The game was stopped because it kept starting more than its ${limits.processes} processes and threads: raise limits.processes in rockpool.json.`;
    case 'disk':
      return `The game ended with its home folder full, ${limits.diskMib} MiB: raise limits.diskMib in rockpool.json.`;
  }
}

function lastWords(log: string): string {
  // Control characters, such as colours, say nothing on a page.
  const text = log.replace(/[^\P{Cc}\n\t]/gu, '').trim();
  return text ? `\nThe last it wrote:\n${text.slice(-TOLD_LOG_CHARACTERS)}` : '';
}

/** What the loader writes when it starts a program, and when it lists what one needs. */
function missingLibrariesIn(log: string): string[] {
  const found = [
    ...log.matchAll(/error while loading shared libraries: ([^\s:]+): cannot open/g),
    ...log.matchAll(/^\s*(\S+) => not found$/gm),
  ];
  return [...new Set(found.flatMap(([, name]) => (name ? [name] : [])))];
}

/** The build's own folder, in which every program starts, and those its program lies in. */
function foldersAbove(command: string, buildFolder: string): string[] {
  if (!command.startsWith(`${BUILD_MOUNT}/`)) return [buildFolder];
  const names = command.slice(BUILD_MOUNT.length + 1).split('/');
  return names.map((_, depth) => join(buildFolder, ...names.slice(0, depth)));
}

/** A session runs as another user than the one the files belong to, unless that is the worker's own. */
async function isOpenToSessions(path: string): Promise<boolean> {
  const { mode, uid } = await stat(path);
  if ((mode & 0o005) === 0o005) return true;
  return process.geteuid?.() !== 0 && uid === process.geteuid?.();
}

async function requireFile(
  path: string | undefined,
  told: string,
  what: string,
  buildFolder: string,
): Promise<void> {
  if (path === undefined || (await onHost(path, buildFolder))) return;
  throw new RockpoolError(
    'missing-package',
    `${told} needs ${what} ${path}, which this machine does not have: name its Debian package under "packages" in rockpool.json, or ship the game without needing it.`,
  );
}

/**
 * Where a file that the program sees lies on the host; undefined where it does not exist or a link
 * leads out of what the program sees.
 */
async function onHost(path: string, buildFolder: string): Promise<string | undefined> {
  const inBuild = path === BUILD_MOUNT || path.startsWith(`${BUILD_MOUNT}/`);
  const from = inBuild ? join(buildFolder, path.slice(BUILD_MOUNT.length)) : path;
  try {
    const real = await realpath(from);
    const roots = inBuild ? [await realpath(buildFolder), ...SYSTEM_FOLDERS] : SYSTEM_FOLDERS;
    if (!roots.some((root) => real.startsWith(`${root}/`))) return undefined;
    return (await stat(real)).isFile() ? real : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(ELF_HEAD_BYTES),
      0,
      ELF_HEAD_BYTES,
      0,
    );
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function toldName(command: string): string {
  const inBuild = command.startsWith(`${BUILD_MOUNT}/`);
  return `"${inBuild ? command.slice(BUILD_MOUNT.length + 1) : command}"`;
}
