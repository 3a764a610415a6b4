import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk in memory, for whoever is root in a namespace of mounts of their own. */
export class SmallDisk {
  readonly folder: string;

  /** @param options as `mount` takes them, such as `size=1m`. */
  constructor(options: string) {
    this.folder = join(mkdtempSync(join(tmpdir(), 'rockpool-small-')), 'disk');
    mkdirSync(this.folder);
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', this.folder]);
  }

  /** Its operator makes room. */
  change(options: string): void {
    execFileSync('mount', ['-o', `remount,${options}`, this.folder]);
  }

  remove(): void {
    execFileSync('umount', ['--lazy', this.folder]);
    rmSync(join(this.folder, '..'), { recursive: true });
  }
}

/** What a promise rejects with, for people and programs; undefined where it does not. */
export async function refusalOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) =>
      error instanceof Error && 'code' in error
        ? { code: error.code, message: error.message }
        : { message: String(error) },
  );
}
