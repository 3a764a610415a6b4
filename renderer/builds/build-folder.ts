import { constants } from 'node:fs';
import { access, readFile, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import {
  type BuildManifest,
  gameInfoOf,
  MANIFEST_FILE,
  parseManifest,
} from '../../protocol/build-manifest.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import type { GameInfo } from '../../protocol/game-info.ts';

/** A folder with a game in it, checked. */
export interface Build {
  /** Absolute, with no symbolic link in it. */
  readonly folder: string;
  readonly manifest: BuildManifest;
  readonly info: GameInfo;
}

/** A manifest is written by hand: far less than this. */
const MAX_MANIFEST_BYTES = 1_048_576;

/** What somebody may name as a build. */
interface Named {
  /** The field of the manifest that names it. */
  readonly field: string;
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** Bits of `access` it needs beside being there. */
  readonly mode: number;
}

/**
 * Reads the build in a folder and checks that what its manifest names is there. A program below
 * `/usr/` may be missing where the manifest names packages that may bring it.
 * @throws RockpoolError `bad-manifest` that names every problem and what to do about it.
 */
export async function readBuild(folder: string): Promise<Build> {
  const top = await findFolder(folder);
  const manifest = parse(top, await readManifest(top));
  const problems = (await Promise.all(namedBy(manifest).map((named) => check(top, named)))).filter(
    (problem) => problem !== undefined,
  );
  problems.push(...(await programProblems(manifest)));
  if (problems.length > 0) {
    throw refusal(
      top,
      `${MANIFEST_FILE} has ${problems.length === 1 ? 'a problem' : 'problems'}:\n${problems
        .map((problem) => `  ${problem}`)
        .join('\n')}`,
    );
  }
  return { folder: top, manifest, info: gameInfoOf(manifest) };
}

/** Whether a folder says of itself that it is a build, a bad one perhaps. */
export async function isBuild(folder: string): Promise<boolean> {
  return (await statOf(join(folder, MANIFEST_FILE))) !== undefined;
}

/**
 * The program of the system that a build starts and that is not there; undefined where nothing is
 * missing.
 */
export async function missingProgram({ manifest }: Pick<Build, 'manifest'>) {
  const { entry } = manifest;
  if (!entry.startsWith('/')) return undefined;
  return (await statOf(entry)) ? undefined : entry;
}

async function findFolder(folder: string): Promise<string> {
  const path = resolve(folder);
  try {
    const top = await realpath(path);
    if ((await stat(top)).isDirectory()) return top;
  } catch (cause) {
    throw new RockpoolError('bad-manifest', `There is no folder ${path}.`, { cause });
  }
  throw new RockpoolError(
    'bad-manifest',
    `${path} is a file. Name the folder that ${MANIFEST_FILE} lies in.`,
  );
}

async function readManifest(top: string): Promise<string> {
  if (!(await isBuild(top))) {
    throw new RockpoolError(
      'bad-manifest',
      `There is no ${MANIFEST_FILE} in ${top}. docs/studio.md says what to write into it.`,
    );
  }
  const problem = await check(top, {
    field: MANIFEST_FILE,
    path: MANIFEST_FILE,
    kind: 'file',
    mode: constants.R_OK,
  });
  if (problem) throw refusal(top, problem);
  const path = join(top, MANIFEST_FILE);
  if ((await stat(path)).size > MAX_MANIFEST_BYTES) {
    throw refusal(top, `${MANIFEST_FILE} is larger than ${MAX_MANIFEST_BYTES} bytes.`);
  }
  return readFile(path, 'utf8');
}

function parse(top: string, text: string): BuildManifest {
  try {
    return parseManifest(text);
  } catch (cause) {
    throw refusal(top, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function namedBy(manifest: BuildManifest): Named[] {
  const { runtime, entry, workingFolder, cover } = manifest;
  const named: Named[] = [];
  if (!entry.startsWith('/')) {
    const mode = runtime === 'linux' ? constants.R_OK | constants.X_OK : constants.R_OK;
    named.push({ field: 'entry', path: entry, kind: 'file', mode });
  }
  if (workingFolder !== undefined) {
    named.push({ field: 'workingFolder', path: workingFolder, kind: 'folder', mode: 0 });
  }
  if (cover !== undefined) {
    named.push({ field: 'cover', path: cover, kind: 'file', mode: constants.R_OK });
  }
  return named;
}

/** @returns what is wrong with something the build is to bring itself. */
async function check(top: string, { field, path, kind, mode }: Named) {
  let real: string;
  try {
    real = await realpath(join(top, path));
  } catch {
    return `${field}: there is no ${kind} ${path} in the build; names are case-sensitive`;
  }
  if (real !== top && !real.startsWith(top + sep)) {
    return `${field}: ${path} is a symbolic link out of the build; put the ${kind} itself there`;
  }
  const found = await stat(real);
  if (kind === 'folder' ? !found.isDirectory() : !found.isFile()) {
    return `${field}: ${path} is not a ${kind === 'folder' ? 'folder' : 'regular file'}`;
  }
  try {
    await access(real, mode);
  } catch {
    return mode & constants.X_OK
      ? `${field}: ${path} may not be run; chmod +x ${path}`
      : `${field}: ${path} may not be read; chmod +r ${path}`;
  }
  return undefined;
}

/** @returns what is wrong with a program of the system. */
async function programProblems({ runtime, entry, packages }: BuildManifest): Promise<string[]> {
  if (!entry.startsWith('/')) return [];
  if (runtime === 'web') {
    return [`entry: ${entry} is outside the build; a web build names its page, such as index.html`];
  }
  const found = await statOf(entry);
  if (found) return found.isFile() ? [] : [`entry: ${entry} is not a regular file`];
  if (packages.length > 0) return [];
  return [
    `entry: there is no ${entry} on this machine; name the Debian package that brings it in "packages"`,
  ];
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch {
    // Not there, or not to be looked at: for what follows that is the same.
    return undefined;
  }
}

function refusal(top: string, problem: string, cause?: unknown): RockpoolError {
  return new RockpoolError('bad-manifest', `${top}: ${problem}`, { cause });
}
