import { execFile } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { z } from 'zod';
import { readProcessors, stolenShare } from '../../gate/machine/machine-load.ts';
import { CHROMIUM } from '../../test/support/browser.ts';

export const machineSchema = z.strictObject({
  cores: z.int(),
  model: z.string(),
  memoryGiB: z.number(),
  node: z.string(),
  chromium: z.string(),
  /** Load average of the minute before the bench began, which so does not hold the bench's own. */
  loadBefore: z.number(),
  /** Of all processors' time since the bench began: what the host gave to others, 0 to 1. */
  stolenShare: z.number().optional(),
});
export type Machine = z.infer<typeof machineSchema>;

const [loadBefore = 0] = loadavg();
const processorsBefore = await readProcessors();

async function chromiumVersion(): Promise<string> {
  if (!CHROMIUM) return 'no Chromium';
  const { stdout } = await promisify(execFile)(CHROMIUM, ['--version']);
  return stdout.trim().split(' ').slice(0, 2).join(' ');
}

export async function describeMachine(): Promise<Machine> {
  const processors = cpus();
  const stolen = stolenShare(processorsBefore, await readProcessors());
  return {
    cores: processors.length,
    model: processors[0]?.model.trim() ?? 'unknown processor',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    chromium: await chromiumVersion(),
    loadBefore,
    ...(stolen !== undefined && { stolenShare: stolen }),
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

/** Of all processors' time: what the host gives to others beyond it, the figures show. */
export const DISTURBED_SHARE = 0.01;

/** Undefined on a quiet machine. */
export function busyWarning({
  loadBefore: load,
  stolenShare: stolen = 0,
}: Machine): string | undefined {
  const reasons = [
    ...(load > BUSY_LOAD ? [`the load was ${load.toFixed(1)} before this began`] : []),
    ...(stolen > DISTURBED_SHARE
      ? [`others on the host took ${(100 * stolen).toFixed(0)} % of the processors`]
      : []),
  ];
  if (reasons.length === 0) return undefined;
  return `NOT QUIET: ${reasons.join(', and ')}; the figures are worse than they should be.`;
}
