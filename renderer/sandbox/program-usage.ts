import { readFile } from 'node:fs/promises';
import { processStat } from './owner-mark.ts';
import { treeOf } from './process-tree.ts';

/** What a program and all it started have used. */
export interface ProgramUsage {
  /** Of processor time since it started, seconds. What has ended counts where its parent asked for it. */
  readonly cpuS: number;
  /** Of memory now, shared pages divided among those who share them. */
  readonly memoryBytes: number;
}

/** Of user and system time in `/proc/PID/stat` and of children waited for, from the third field on. */
const TIME_FIELDS = [11, 12, 13, 14];

/** The kernel tells times to programs in these, whatever its own are (man 5 proc). */
const TICKS_PER_S = 100;

/** What runs below a process, that one included. */
export async function usageOf(rootPid: number): Promise<ProgramUsage> {
  let ticks = 0;
  let memoryBytes = 0;
  for (const pid of await treeOf(rootPid)) {
    const stat = await processStat(pid);
    for (const field of TIME_FIELDS) ticks += Number(stat?.[field] ?? 0);
    memoryBytes += await proportionalBytes(pid);
  }
  return { cpuS: ticks / TICKS_PER_S, memoryBytes };
}

/** 0 of a process that is gone. */
async function proportionalBytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'latin1').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
}
