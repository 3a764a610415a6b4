import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where Linux counts the energy of processors (RAPL); often for root alone. */
const POWERCAP = '/sys/class/powercap';

/** Microjoules of whole processor packages, each with the number at which its counter begins again. */
export type EnergyReading = ReadonlyMap<string, { readonly uj: number; readonly rangeUj: number }>;

/** Empty where the machine does not tell. */
export async function readEnergy(folder = POWERCAP): Promise<EnergyReading> {
  const reading = new Map<string, { uj: number; rangeUj: number }>();
  const zones = await readdir(folder).catch(() => []);
  // `intel-rapl:0` is a package, `intel-rapl:0:0` a part of it; AMD's go by the same name.
  for (const zone of zones.filter((name) => /^intel-rapl:\d+$/.test(name))) {
    const uj = await readNumber(join(folder, zone, 'energy_uj'));
    const rangeUj = await readNumber(join(folder, zone, 'max_energy_range_uj'));
    if (uj !== undefined && rangeUj !== undefined) reading.set(zone, { uj, rangeUj });
  }
  return reading;
}

/** Mean power between two readings, watts; undefined where the machine does not tell. */
export function wattsBetween(
  before: EnergyReading,
  after: EnergyReading,
  elapsedMs: number,
): number | undefined {
  if (after.size === 0 || elapsedMs <= 0) return undefined;
  let usedUj = 0;
  for (const [zone, { uj, rangeUj }] of after) {
    const earlier = before.get(zone);
    if (!earlier) return undefined;
    usedUj += uj >= earlier.uj ? uj - earlier.uj : uj - earlier.uj + rangeUj;
  }
  return usedUj / 1000 / elapsedMs;
}

async function readNumber(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const value = Number(text);
  return text === undefined || Number.isNaN(value) ? undefined : value;
}
