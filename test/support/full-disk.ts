import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, it } from 'vitest';

const run = promisify(execFile);

/** A namespace of mounts of its own, in which whoever runs this is root. */
const UNSHARE = ['-rm', '--propagation', 'private'];

/** Runs a suite where a small disk can be made for a test; elsewhere it is counted as skipped, with why. */
export function describeWithSmallDisks(name: string, suite: () => void): void {
  const tried = spawnSync('unshare', [...UNSHARE, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);
  if (tried.status === 0) {
    describe(name, suite);
    return;
  }
  const why = tried.error?.message ?? tried.stderr.toString().trim();
  it.skip(`${name} (needs a disk that can be filled, by unshare and tmpfs: ${why})`, () => {});
}

/** Runs a program of `test/support/full-disk/` where it may mount disks. @returns what it found out. */
export async function onSmallDisk<T>(program: string): Promise<T> {
  const path = fileURLToPath(new URL(`full-disk/${program}.ts`, import.meta.url));
  const words = [...UNSHARE, process.execPath, '--import', 'tsx', path];
  const { stdout } = await run('unshare', words, { timeout: 120_000 });
  return JSON.parse(stdout) as T;
}
