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

/** Measurements are off by less than this. */
const SURELY_TOO_SLOW = 1.5;

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
 * @param budgetMs what a frame may take: where it is known that they take more, no further is drawn.
 * @param cpuUs CPU time of this process so far, microseconds.
 * @returns mean CPU milliseconds a frame, over all threads.
 * @throws RockpoolError where the game does not start or fails.
 */
export async function measureRuntime(
  entry: CatalogueEntry,
  resolution: Resolution,
  budgetMs: number = renderBudgetMs(),
  cpuUs: () => number = processCpuUs,
): Promise<number> {
  const run = await HeadlessRun.start(entry, resolution, 1);
  try {
    for (let i = 0; i < WARM_UP_FRAMES; i++) (await run.nextFrame()).release();
    const startUs = cpuUs();
    let spentMs = 0;
    let frames = 0;
    while (frames < MEASURED_FRAMES && spentMs <= MEASURED_FRAMES * budgetMs) {
      (await run.nextFrame()).release();
      frames++;
      spentMs = (cpuUs() - startUs) / 1000;
    }
    return spentMs / frames;
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
 * none does. Measures from the default downwards, leaves out what is too large by far, and stops at
 * the first that fits.
 * @param measure CPU milliseconds a frame, such as {@link measureRuntime}.
 */
export async function chooseResolution(
  measure: (resolution: Resolution) => Promise<number>,
  budgetMs: number = renderBudgetMs(),
): Promise<Resolution> {
  const [smallest, ...larger] = RESOLUTIONS.filter(
    ({ width }) => width <= DEFAULT_RESOLUTION.width,
  );
  let msPerPixel = 0;
  for (const resolution of larger.reverse()) {
    const pixels = resolution.width * resolution.height;
    // A part of the time does not shrink with the picture: this is the least that it can be.
    if (pixels * msPerPixel > budgetMs * SURELY_TOO_SLOW) continue;
    const frameMs = await measure(resolution);
    if (frameMs <= budgetMs) return resolution;
    msPerPixel = frameMs / pixels;
  }
  return smallest ?? DEFAULT_RESOLUTION;
}
