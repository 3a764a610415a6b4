import { readFileSync } from 'node:fs';
import { access, constants, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ownerIsGone } from './owner-mark.ts';
import type { LimitName } from './program-order.ts';
import {
  REFUSED_PROCESSES_AT_ONCE,
  REFUSING_CHECKS,
  type ResourceGroup,
} from './resource-group.ts';

/** Folder that holds the groups of all sessions, so that nobody else's are taken for ours. */
export const GROUPS_FOLDER = 'rockpool';

/** 50 ms: short enough that a throttled game misses few frames at once. */
const CPU_PERIOD_US = 50_000;

/** Tries, 10 ms apart, for killed processes to leave a group. */
const REMOVE_TRIES = 200;

/** A folder for one session, in one hierarchy. */
export interface GroupFolder {
  readonly path: string;
  /** Files and what to write into them, in this order; `optional` where some kernels lack one. */
  readonly settings: readonly {
    readonly file: string;
    readonly value: string;
    readonly optional?: boolean;
  }[];
}

/** Where the counters of what was refused stand. */
export interface GroupCounters {
  readonly memoryFile: string;
  readonly processesFile: string;
}

/** CPU time per period, µs; at least what the kernel takes. */
export function cpuQuota(cpus: number): { readonly quotaUs: number; readonly periodUs: number } {
  return {
    quotaUs: Math.max(1000, Math.round(cpus * CPU_PERIOD_US)),
    periodUs: CPU_PERIOD_US,
  };
}

/** The groups of one session, in one hierarchy (v2) or several (v1). */
export class ControlGroups implements ResourceGroup {
  readonly kind: 'v1' | 'v2';
  readonly joinFiles: readonly string[];
  readonly #paths: readonly string[];
  readonly #counters: GroupCounters;
  #refusedProcesses = 0;
  #refusingChecks = 0;

  private constructor(kind: 'v1' | 'v2', paths: readonly string[], counters: GroupCounters) {
    this.kind = kind;
    this.#paths = paths;
    this.#counters = counters;
    this.joinFiles = paths.map((path) => join(path, 'cgroup.procs'));
  }

  /** Makes the folders and sets their limits; leaves none behind where that fails. */
  static async create(
    kind: 'v1' | 'v2',
    folders: readonly GroupFolder[],
    counters: GroupCounters,
  ): Promise<ControlGroups> {
    const groups = new ControlGroups(
      kind,
      folders.map(({ path }) => path),
      counters,
    );
    try {
      for (const { path, settings } of folders) {
        await mkdir(path);
        for (const { file, value, optional } of settings) {
          if (optional && !(await canWrite(join(path, file)))) continue;
          await writeFile(join(path, file), value);
        }
      }
    } catch (error) {
      await groups.close();
      throw error;
    }
    return groups;
  }

  follow(): void {}

  async brokenLimit(hasFailed: boolean): Promise<LimitName | undefined> {
    const { memoryFile, processesFile } = this.#counters;
    if (readCounter(memoryFile, 'oom_kill') > 0) return 'memory';
    const before = this.#refusedProcesses;
    this.#refusedProcesses = readCounter(processesFile, 'max');
    const refused = this.#refusedProcesses - before;
    const lately = refused > 0 || this.#refusingChecks > 0;
    this.#refusingChecks = refused > 0 ? this.#refusingChecks + 1 : 0;
    const isBomb = refused >= REFUSED_PROCESSES_AT_ONCE || this.#refusingChecks >= REFUSING_CHECKS;
    return isBomb || (hasFailed && lately) ? 'processes' : undefined;
  }

  async close(): Promise<void> {
    for (const path of this.#paths) await removeGroup(path);
  }
}

/**
 * `NAME VALUE` lines; 0 where there is no such file or line. The kernel has these few bytes in memory:
 * they are there sooner than another thread would have been asked for them.
 */
function readCounter(file: string, name: string): number {
  const line = readLines(file).find((entry) => entry.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'latin1').split('\n');
  } catch {
    // Not there.
    return [];
  }
}

/** Kills what is in a group until it is empty, and removes it. */
export async function removeGroup(path: string): Promise<void> {
  for (let left = REMOVE_TRIES; ; left--) {
    const pids = await readFile(join(path, 'cgroup.procs'), 'latin1').catch(() => '');
    for (const pid of pids.split('\n').filter(Boolean).map(Number)) killNow(pid);
    try {
      await rmdir(path);
      return;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY' || left === 0) throw error;
    }
    await delay(10);
  }
}

function killNow(pid: number): void {
  // 0 stands for a process of another PID namespace; to kill(2) it would mean ourselves.
  if (pid <= 0) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // ESRCH: it left by itself since the group was read.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Removes the groups of sessions whose worker is gone. @returns how many folders went. */
export async function sweepGroups(folder: string): Promise<number> {
  let removed = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (!entry.isDirectory() || !(await ownerIsGone(entry.name))) continue;
    await removeGroup(join(folder, entry.name));
    removed++;
  }
  return removed;
}

export async function canWrite(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}
