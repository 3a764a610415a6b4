import { readEnergy, wattsBetween } from '../machine/energy.ts';
import {
  busyShare,
  coresBetween,
  type ProcessReading,
  readProcesses,
  readProcessors,
  stolenShare,
} from '../machine/machine-load.ts';
import type { ValueName } from '../metrics.ts';

/** Processes whose cost is told apart. */
export interface Watched {
  readonly browser: number | undefined;
  /** Session workers of this machine, spare or not. */
  readonly workers: readonly number[];
  /** What measures beside this process: relays. */
  readonly harness: readonly number[];
}

const MIB = 2 ** 20;

export interface Load {
  /** Of all processors; undefined where the system does not tell. */
  readonly busyShare: number | undefined;
  /** Of all processors: taken by other machines on the same host. */
  readonly stolenShare: number | undefined;
  readonly values: Partial<Record<ValueName, number>>;
}

interface Reading {
  readonly atMs: number;
  readonly processors: Awaited<ReturnType<typeof readProcessors>>;
  readonly energy: Awaited<ReturnType<typeof readEnergy>>;
  readonly browser: ProcessReading;
  readonly workers: readonly ProcessReading[];
  readonly harness: ProcessReading;
  readonly own: NodeJS.CpuUsage;
}

/** What a run takes of this machine, as far as the system tells: procfs and powercap of Linux. */
export class LoadWatch {
  readonly #watched: Watched;
  readonly #before: Reading;

  private constructor(watched: Watched, before: Reading) {
    this.#watched = watched;
    this.#before = before;
  }

  static async start(watched: Watched): Promise<LoadWatch> {
    return new LoadWatch(watched, await read(watched));
  }

  async stop(): Promise<Load> {
    const before = this.#before;
    const after = await read(this.#watched);
    const watts = wattsBetween(before.energy, after.energy, after.atMs - before.atMs);
    return {
      busyShare: busyShare(before.processors, after.processors),
      stolenShare: stolenShare(before.processors, after.processors),
      values: {
        ...(after.browser.cpuMs.size > 0 && {
          browserCpuCores: coresBetween(before.browser, after.browser),
          browserMemoryMiB: after.browser.rssBytes / MIB,
        }),
        ...workerValues(before.workers, after.workers),
        harnessCpuCores: harnessCores(before, after),
        ...(watts !== undefined && { energyWatts: watts }),
      },
    };
  }
}

async function read({ browser, workers, harness }: Watched): Promise<Reading> {
  return {
    atMs: performance.now(),
    processors: await readProcessors(),
    energy: await readEnergy(),
    browser: await readProcesses(browser === undefined ? [] : [browser]),
    workers: await Promise.all(workers.map((worker) => readProcesses([worker]))),
    harness: await readProcesses(harness),
    own: process.cpuUsage(),
  };
}

/** Of the worker that plays: the others wait for their sessions. */
function workerValues(
  before: readonly ProcessReading[],
  after: readonly ProcessReading[],
): Partial<Record<ValueName, number>> {
  const used = after.flatMap((reading, i) => {
    const earlier = before[i];
    if (!earlier || earlier.cpuMs.size === 0 || reading.cpuMs.size === 0) return [];
    return [{ cores: coresBetween(earlier, reading), memoryMiB: reading.rssBytes / MIB }];
  });
  const [busiest] = used.toSorted((one, other) => other.cores - one.cores);
  return busiest ? { workerCpuCores: busiest.cores, workerMemoryMiB: busiest.memoryMiB } : {};
}

/** This process and its relays; what is spent inside the page is added by who knows it. */
function harnessCores(before: Reading, after: Reading): number {
  const { user, system } = after.own;
  const ownMs = (user + system - before.own.user - before.own.system) / 1000;
  const relays = after.harness.cpuMs.size === 0 ? 0 : coresBetween(before.harness, after.harness);
  return ownMs / (after.atMs - before.atMs) + relays;
}
