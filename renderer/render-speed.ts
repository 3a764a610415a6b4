import { availableParallelism } from 'node:os';
import {
  DEFAULT_FRAME_RATE,
  DEFAULT_RESOLUTION,
  RESOLUTIONS,
  type Resolution,
} from '../protocol/stream-settings.ts';
import type { CatalogueEntry } from './game-catalogue.ts';
import { HeadlessRun } from './headless-run.ts';

/** Pipelines are compiled, caches filled and code optimised in the first frames. */
const WARM_UP_FRAMES = 10;
const MEASURED_FRAMES = 30;

/** What a game may take of all cores: as much is left to encode, to send and for the rest. */
const RENDER_SHARE = 0.5;

/**
 * CPU time a frame may take to render, milliseconds over all cores.
 * @param cores of the machine.
 */
export function renderBudgetMs(cores: number = availableParallelism()): number {
  return (1000 / DEFAULT_FRAME_RATE) * cores * RENDER_SHARE;
}

/**
 * Renders as fast as the machine can and counts CPU time rather than time: a software GPU draws on
 * the CPU, and what else runs while this does must not make the picture smaller for good.
 * @param cpuUs CPU time of this process so far, microseconds.
 * @returns mean CPU milliseconds a frame, over all threads.
 * @throws RockpoolError where the game does not start or fails.
 */
export async function measureRuntime(
  entry: CatalogueEntry,
  resolution: Resolution,
  cpuUs: () => number = processCpuUs,
): Promise<number> {
  const run = await HeadlessRun.start(entry, resolution, 1);
  try {
    for (let i = 0; i < WARM_UP_FRAMES; i++) (await run.nextFrame()).release();
    const startUs = cpuUs();
    for (let i = 0; i < MEASURED_FRAMES; i++) (await run.nextFrame()).release();
    return (cpuUs() - startUs) / 1000 / MEASURED_FRAMES;
  } finally {
    await run.close();
  }
}

function processCpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/**
 * The largest resolution up to the default whose measured time fits the budget; the smallest where
 * none does. Measures from the default downwards and stops at the first that fits.
 * @param measure CPU milliseconds a frame, such as {@link measureRuntime}.
 */
export async function chooseResolution(
  measure: (resolution: Resolution) => Promise<number>,
  budgetMs: number = renderBudgetMs(),
): Promise<Resolution> {
  const candidates: Resolution[] = RESOLUTIONS.filter(
    ({ width }) => width <= DEFAULT_RESOLUTION.width,
  );
  let chosen = candidates[0] ?? DEFAULT_RESOLUTION;
  for (const resolution of candidates.reverse()) {
    chosen = resolution;
    if ((await measure(resolution)) <= budgetMs) break;
  }
  return chosen;
}
