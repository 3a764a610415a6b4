import { watch as fileWatch, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildWatch } from '../../../renderer/builds/build-watch.ts';
import type { Scheduler } from '../../../renderer/clock.ts';
import { BuildFolders } from '../../support/build-folders.ts';

/** Waits until a quiet begins, and ends it when told to. */
class Quiet implements Scheduler {
  #task: (() => void) | undefined;
  #begun: (() => void)[] = [];
  delayMs = 0;

  after(delayMs: number, task: () => void): () => void {
    this.delayMs = delayMs;
    this.#task = task;
    for (const resolve of this.#begun.splice(0)) resolve();
    return () => {
      this.#task = undefined;
    };
  }

  /** Something changed. */
  async begun(): Promise<void> {
    if (this.#task) return;
    await new Promise<void>((resolve) => this.#begun.push(resolve));
  }

  /** Nothing has for long enough. */
  pass(): void {
    const task = this.#task;
    this.#task = undefined;
    task?.();
  }

  get waiting(): boolean {
    return this.#task !== undefined;
  }
}

describe('BuildWatch', () => {
  let folders: BuildFolders;
  let folder = '';
  let quiet: Quiet;
  let changes = 0;
  let watch: BuildWatch;

  beforeEach(async () => {
    folders = new BuildFolders();
    folder = folders.build('pond', {}, { 'art/duck.png': '', '.git/index': '' });
    mkdirSync(join(folder, 'node_modules', 'some'), { recursive: true });
    quiet = new Quiet();
    changes = 0;
    watch = await BuildWatch.open(folder, () => changes++, quiet);
  });
  afterEach(() => {
    watch.close();
    folders.remove();
  });

  const write = (path: string) => writeFileSync(join(folder, path), String(Math.random()));

  it('tells once of several changes, when it has become quiet', async () => {
    write('rockpool.json');
    await quiet.begun();
    write('pond');
    write('art/duck.png');
    expect(changes).toBe(0);
    expect(quiet.delayMs).toBe(300);
    quiet.pass();
    expect(changes).toBe(1);
  });

  it('sees files of folders that were made after it began, and of ones that came back', async () => {
    mkdirSync(join(folder, 'levels'));
    await quiet.begun();
    quiet.pass();
    renameSync(join(folder, 'art'), join(folder, 'old'));
    await quiet.begun();
    quiet.pass();
    mkdirSync(join(folder, 'art'));
    await quiet.begun();
    quiet.pass();
    // A folder is followed a moment after it was made: what is written until then is seen at the end.
    for (const path of ['levels/one', 'art/duck.png']) {
      while (!quiet.waiting) {
        write(path);
        await new Promise((resolve) => setImmediate(resolve));
      }
      quiet.pass();
    }
    expect(changes).toBe(5);
  });

  it('does not look at what is no part of the game', async () => {
    /** Resolves when the system has told who watches of a change. */
    const told = (path: string) =>
      new Promise<void>((resolve) => {
        const other = fileWatch(join(folder, path), () => {
          other.close();
          resolve();
        });
      });
    const inside = Promise.all([told('.git'), told('node_modules/some')]);
    write('.git/index');
    write('node_modules/some/code');
    await inside;
    expect(quiet.waiting).toBe(false);
    const removed = told('.');
    rmSync(join(folder, 'node_modules'), { recursive: true });
    await removed;
    expect(quiet.waiting).toBe(false);
  });

  it('is silent after it was closed', async () => {
    write('pond');
    await quiet.begun();
    watch.close();
    quiet.pass();
    watch.close();
    expect(changes).toBe(0);
  });
});
