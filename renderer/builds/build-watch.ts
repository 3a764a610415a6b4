import { type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Scheduler, systemScheduler } from '../clock.ts';

/** An editor saves in several steps, and a compiler writes many files: it is over when it is quiet. */
const QUIET_MS = 300;

/** No part of a game, though they may lie in its folder. */
const IGNORED: ReadonlySet<string> = new Set(['.git', 'node_modules']);

/**
 * Follows what changes in a folder and in those below it. Folders are watched, not files: a build of
 * ten thousand files needs a handful of watches of the system's few.
 */
export class BuildWatch {
  readonly #handleChange: () => void;
  readonly #scheduler: Scheduler;
  readonly #watchers = new Map<string, FSWatcher>();
  #cancelQuiet: (() => void) | undefined;
  #closed = false;

  private constructor(handleChange: () => void, scheduler: Scheduler) {
    this.#handleChange = handleChange;
    this.#scheduler = scheduler;
  }

  /**
   * Resolves when every folder is watched.
   * @param handleChange called when something changed and nothing has for 300 ms.
   */
  static async open(
    folder: string,
    handleChange: () => void,
    scheduler: Scheduler = systemScheduler,
  ): Promise<BuildWatch> {
    const opened = new BuildWatch(handleChange, scheduler);
    await opened.#follow(folder);
    return opened;
  }

  close(): void {
    this.#closed = true;
    this.#cancelQuiet?.();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  async #follow(folder: string): Promise<void> {
    if (this.#closed || this.#watchers.has(folder)) return;
    let watcher: FSWatcher;
    try {
      watcher = watch(folder, (_event, name) => this.#handleEvent(folder, name));
    } catch {
      // Gone again already: its own folder tells of that.
      return;
    }
    this.#watchers.set(folder, watcher);
    watcher.on('error', () => this.#forget(folder));
    await this.#followFoldersIn(folder);
  }

  async #followFoldersIn(folder: string): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const folders = entries.filter((entry) => entry.isDirectory() && !IGNORED.has(entry.name));
    await Promise.all(folders.map(({ name }) => this.#follow(join(folder, name))));
  }

  #handleEvent(folder: string, name: string | null): void {
    if (this.#closed || (name !== null && IGNORED.has(name))) return;
    // A folder that is gone may come back under its name: it is followed anew then.
    if (name !== null) this.#forget(join(folder, name));
    void this.#followFoldersIn(folder);
    this.#cancelQuiet?.();
    this.#cancelQuiet = this.#scheduler.after(QUIET_MS, () => this.#handleChange());
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }
}
