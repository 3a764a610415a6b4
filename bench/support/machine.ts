import { execFile } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { z } from 'zod';
import { CHROMIUM } from '../../test/support/browser.ts';

export const machineSchema = z.strictObject({
  cores: z.int(),
  model: z.string(),
  memoryGiB: z.number(),
  node: z.string(),
  chromium: z.string(),
  /** Load average of the minute before the bench began, which so does not hold the bench's own. */
  loadBefore: z.number(),
});
export type Machine = z.infer<typeof machineSchema>;

const [loadBefore = 0] = loadavg();

async function chromiumVersion(): Promise<string> {
  if (!CHROMIUM) return 'no Chromium';
  const { stdout } = await promisify(execFile)(CHROMIUM, ['--version']);
  return stdout.trim().split(' ').slice(0, 2).join(' ');
}

export async function describeMachine(): Promise<Machine> {
  const processors = cpus();
  return {
    cores: processors.length,
    model: processors[0]?.model.trim() ?? 'unknown processor',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    chromium: await chromiumVersion(),
    loadBefore,
  };
}

/** Half a core of something else is more than any figure here can bear. */
const BUSY_LOAD = 0.5;

export function machineLine(machine: Machine): string {
  const { cores, model, memoryGiB, node, chromium } = machine;
  const line = `${cores} cores (${model}), ${memoryGiB} GiB, Node ${node}, ${chromium}`;
  const warning = busyWarning(machine);
  return warning ? `${line}\n${warning}` : line;
}

/** Undefined on a quiet machine. */
export function busyWarning({ loadBefore: load }: Machine): string | undefined {
  if (load <= BUSY_LOAD) return undefined;
  return `NOT QUIET: the load was ${load.toFixed(1)} before this began; the figures are worse than they should be.`;
}
