import { readdir, readFile } from 'node:fs/promises';

/** USER_HZ: what /proc counts processor time in; 100 on every Linux this runs on (proc(5)). */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

export interface TaskStatistics {
  readonly name: string;
  readonly parent: number;
  /** User and system time, milliseconds, in steps of 10. */
  readonly cpuMs: number;
  /** Memory in use, shared pages included. */
  readonly rssBytes: number;
}

/** @param line of `/proc/<pid>/stat`; the name may itself hold spaces and parentheses. */
export function parseStat(line: string): TaskStatistics {
  const nameEnd = line.lastIndexOf(')');
  const name = line.slice(line.indexOf('(') + 1, nameEnd);
  // proc(5) counts fields from 1; the first after the name is the third.
  const fields = line.slice(nameEnd + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  return {
    name,
    parent: field(4),
    cpuMs: ((field(14) + field(15)) * 1000) / TICKS_PER_SECOND,
    rssBytes: field(24) * PAGE_BYTES,
  };
}

/** Undefined where the process is gone. */
export async function readProcess(pid: number): Promise<TaskStatistics | undefined> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return line === undefined ? undefined : parseStat(line);
}

/** CPU time of each living thread by its id. The first thread has the id of the process. */
export async function readThreadCpuMs(pid: number): Promise<Map<number, number>> {
  const threads = new Map<number, number>();
  for (const name of await readdir(`/proc/${pid}/task`)) {
    const line = await readFile(`/proc/${pid}/task/${name}/stat`, 'utf8').catch(() => undefined);
    if (line !== undefined) threads.set(Number(name), parseStat(line).cpuMs);
  }
  return threads;
}

export async function countOpenFiles(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

export interface ChildProcess {
  readonly pid: number;
  /** Arguments joined by spaces. */
  readonly command: string;
}

/** Every process below `pid`, itself not included. */
export async function descendantsOf(pid: number): Promise<ChildProcess[]> {
  const children = new Map<number, number[]>();
  for (const name of await readdir('/proc')) {
    const child = Number(name);
    const statistics = Number.isNaN(child) ? undefined : await readProcess(child);
    if (!statistics) continue;
    const siblings = children.get(statistics.parent) ?? [];
    siblings.push(child);
    children.set(statistics.parent, siblings);
  }
  const found: ChildProcess[] = [];
  const visit = async (parent: number): Promise<void> => {
    for (const child of children.get(parent) ?? []) {
      const line = await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '');
      found.push({ pid: child, command: line.replaceAll('\0', ' ').trim() });
      await visit(child);
    }
  };
  await visit(pid);
  return found;
}
