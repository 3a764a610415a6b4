import { readFile, statfs } from 'node:fs/promises';
import { processStat } from './owner-mark.ts';
import { treeOf } from './process-tree.ts';
import type { LimitName } from './program-order.ts';
import type { GroupLimits, ResourceGroup } from './resource-group.ts';

/** Checks in a row that find as many processes as allowed before the program counts as a fork bomb. */
const FULL_CHECKS = 3;

/** Folders inside whose content lies in memory and counts as the program's; its home does not. */
const MEMORY_FOLDERS = ['tmp', 'dev/shm'];

/**
 * Stands in where no control groups may be written to: adds up from outside what the program's
 * processes use. A program can outrun it for a second; the rlimits of each process hold meanwhile.
 */
export class WatchedTree implements ResourceGroup {
  readonly kind = 'none';
  readonly joinFiles: readonly string[] = [];
  readonly #limits: GroupLimits;
  #rootPid: number | undefined;
  #fullChecks = 0;

  constructor(limits: GroupLimits) {
    this.#limits = limits;
  }

  follow(rootPid: number): void {
    this.#rootPid = rootPid;
  }

  async brokenLimit(): Promise<LimitName | undefined> {
    const root = this.#rootPid;
    if (root === undefined) return undefined;
    const pids = await treeOf(root);
    const tasks = await sum(pids, threadsOf);
    this.#fullChecks = tasks >= this.#limits.processes ? this.#fullChecks + 1 : 0;
    if (this.#fullChecks >= FULL_CHECKS) return 'processes';
    const files = await sum(MEMORY_FOLDERS, (folder) => usedBytes(`/proc/${root}/root/${folder}`));
    const { memoryBytes } = this.#limits;
    // Pages shared after a fork count twice in the quick sum; the exact one costs more to ask for.
    if (files + (await sum(pids, residentBytes)) <= memoryBytes) return undefined;
    return files + (await sum(pids, proportionalBytes)) > memoryBytes ? 'memory' : undefined;
  }

  /** The PID namespace has ended with its first process: nothing is left to kill or remove. */
  async close(): Promise<void> {
    this.#rootPid = undefined;
  }
}

async function sum<T>(items: readonly T[], of: (item: T) => Promise<number>): Promise<number> {
  let total = 0;
  for (const item of items) total += await of(item);
  return total;
}

async function threadsOf(pid: number): Promise<number> {
  return Number((await processStat(pid))?.[17] ?? 0);
}

async function residentBytes(pid: number): Promise<number> {
  return kibLines(`/proc/${pid}/status`, ['RssAnon', 'RssShmem']);
}

async function proportionalBytes(pid: number): Promise<number> {
  return kibLines(`/proc/${pid}/smaps_rollup`, ['Pss_Anon', 'Pss_Shmem']);
}

/** Sum of `NAME: n kB` lines, bytes; 0 of a process that is gone. */
async function kibLines(file: string, names: readonly string[]): Promise<number> {
  const text = await readFile(file, 'latin1').catch(() => '');
  let kib = 0;
  for (const line of text.split('\n')) {
    const [name = '', value = ''] = line.split(':');
    if (names.includes(name)) kib += Number.parseInt(value, 10);
  }
  return kib * 1024;
}

async function usedBytes(folder: string): Promise<number> {
  const stats = await statfs(folder).catch(() => undefined);
  return stats ? (stats.blocks - stats.bfree) * stats.bsize : 0;
}
