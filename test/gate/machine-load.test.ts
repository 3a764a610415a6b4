import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEnergy, wattsBetween } from '../../gate/machine/energy.ts';
import {
  busyShare,
  coresBetween,
  parseProcessors,
  stolenShare,
} from '../../gate/machine/machine-load.ts';

describe('the load of all processors', () => {
  it('is what was not idle between two readings, waiting for disks not counted', () => {
    const before = parseProcessors('cpu  100 0 50 800 50 0 0 0 30 0\ncpu0 1 2 3\n');
    const after = parseProcessors('cpu  160 0 70 900 70 0 0 0 90 0\n');
    expect(before).toEqual({ busy: 150, stolen: 0, all: 1000 });
    expect(busyShare(before, after)).toBeCloseTo(80 / 200);
  });

  it('tells what the host gave to others', () => {
    const before = parseProcessors('cpu  100 0 50 800 50 0 0 10 30 0\n');
    const after = parseProcessors('cpu  160 0 70 900 50 0 0 30 90 0\n');
    expect(stolenShare(before, after)).toBeCloseTo(20 / 200);
    expect(busyShare(before, after)).toBeCloseTo(100 / 200);
    expect(stolenShare(before, before)).toBeUndefined();
  });

  it('is unknown where the system does not tell, or no time has passed', () => {
    const reading = parseProcessors('cpu  1 0 1 1 1 0 0 0\n');
    expect(parseProcessors('intr 5')).toBeUndefined();
    expect(busyShare(undefined, reading)).toBeUndefined();
    expect(busyShare(reading, reading)).toBeUndefined();
  });
});

it('counts what processes used between two readings, those begun meanwhile from their beginning', () => {
  const reading = (atMs: number, cpu: readonly [number, number][]) => ({
    atMs,
    cpuMs: new Map(cpu),
    rssBytes: 0,
  });
  const cores = coresBetween(
    reading(0, [
      [1, 500],
      [2, 100],
    ]),
    reading(1000, [
      [1, 1200],
      [3, 300],
    ]),
  );
  expect(cores).toBeCloseTo(1);
});

describe('energy', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rockpool-powercap-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function count(zone: string, uj: number): Promise<void> {
    await mkdir(join(folder, zone), { recursive: true });
    await writeFile(join(folder, zone, 'energy_uj'), `${uj}\n`);
    await writeFile(join(folder, zone, 'max_energy_range_uj'), '10000000\n');
  }

  it('adds packages up, leaves their parts out, and counts on where a counter begins again', async () => {
    await count('intel-rapl:0', 1_000_000);
    await count('intel-rapl:0:0', 5);
    await count('intel-rapl:1', 9_000_000);
    const before = await readEnergy(folder);
    await count('intel-rapl:0', 4_000_000);
    await count('intel-rapl:1', 1_000_000);
    // 3 J and 2 J in half a second.
    expect(wattsBetween(before, await readEnergy(folder), 500)).toBeCloseTo(10);
  });

  it('is unknown where the machine does not tell', async () => {
    const nothing = await readEnergy(join(folder, 'none'));
    expect(wattsBetween(nothing, nothing, 1000)).toBeUndefined();
  });
});
