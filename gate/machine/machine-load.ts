import { readFile } from 'node:fs/promises';
import { descendantsOf, readProcess } from './process-statistics.ts';

/** Processor time of a process and all below it, milliseconds by process id, and their memory. */
export interface ProcessReading {
  readonly atMs: number;
  readonly cpuMs: ReadonlyMap<number, number>;
  readonly rssBytes: number;
}

/** @param roots those that are gone, or that no system tells of, count nothing. */
export async function readProcesses(roots: readonly number[]): Promise<ProcessReading> {
  const cpuMs = new Map<number, number>();
  let rssBytes = 0;
  for (const root of roots) {
    const below = await descendantsOf(root).catch(() => []);
    for (const pid of [root, ...below.map((child) => child.pid)]) {
      const statistics = await readProcess(pid);
      if (!statistics || cpuMs.has(pid)) continue;
      cpuMs.set(pid, statistics.cpuMs);
      rssBytes += statistics.rssBytes;
    }
  }
  return { atMs: performance.now(), cpuMs, rssBytes };
}

/** Processors in use between two readings; what began in between counts from its beginning. */
export function coresBetween(before: ProcessReading, after: ProcessReading): number {
  let usedMs = 0;
  for (const [pid, cpuMs] of after.cpuMs) usedMs += cpuMs - (before.cpuMs.get(pid) ?? 0);
  return usedMs / (after.atMs - before.atMs);
}

/** Time of all processors together since the machine started, in one unit. */
interface ProcessorTimes {
  readonly busy: number;
  /** Of {@link busy}: a hypervisor let others run. */
  readonly stolen: number;
  readonly all: number;
}

/** Undefined where the system does not tell. */
export async function readProcessors(): Promise<ProcessorTimes | undefined> {
  const text = await readFile('/proc/stat', 'utf8').catch(() => undefined);
  return text === undefined ? undefined : parseProcessors(text);
}

/** @param text of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal (proc(5)). */
export function parseProcessors(text: string): ProcessorTimes | undefined {
  const [, line] = /^cpu +(.*)$/m.exec(text) ?? [];
  if (line === undefined) return undefined;
  // Guests' time is in user's already.
  const times = line.split(' ').slice(0, 8).map(Number);
  const all = times.reduce((sum, time) => sum + time, 0);
  return { busy: all - (times[3] ?? 0) - (times[4] ?? 0), stolen: times[7] ?? 0, all };
}

/** Share of all processors that was in use between two readings, 0 to 1. */
export function busyShare(
  before: ProcessorTimes | undefined,
  after: ProcessorTimes | undefined,
): number | undefined {
  return shareBetween('busy', before, after);
}

/** Share of all processors that the host of this machine gave to others, 0 to 1. */
export function stolenShare(
  before: ProcessorTimes | undefined,
  after: ProcessorTimes | undefined,
): number | undefined {
  return shareBetween('stolen', before, after);
}

function shareBetween(
  kind: 'busy' | 'stolen',
  before: ProcessorTimes | undefined,
  after: ProcessorTimes | undefined,
): number | undefined {
  if (!before || !after || after.all <= before.all) return undefined;
  return (after[kind] - before[kind]) / (after.all - before.all);
}
