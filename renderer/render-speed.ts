import { DEFAULT_RESOLUTION, RESOLUTIONS, type Resolution } from '../protocol/stream-settings.ts';
import { type Clock, systemClock } from './clock.ts';
import type { CatalogueEntry } from './game-catalogue.ts';
import { HeadlessRun } from './headless-run.ts';

const MEASURED_US = 1e6;
/** Pipelines are compiled, caches filled and code optimised in the first frames. */
const WARM_UP_FRAMES = 20;
/** Too few frames for a 95th percentile otherwise, on the slowest machine. */
const MIN_FRAMES = 20;

/**
 * What a frame may take to render: half an interval at 30 fps. Converting, encoding and sending
 * share the machine with the renderer, and 30 fps has to hold while they do; where they leave more,
 * the loop ticks more often by itself.
 */
export const RENDER_BUDGET_MS = 1000 / 30 / 2;

/**
 * Renders as fast as the machine can for about a second.
 * @returns the 95th percentile of tick start to pixels in memory, milliseconds.
 * @throws RockpoolError where the game does not start or fails.
 */
export async function measureRuntime(
  entry: CatalogueEntry,
  resolution: Resolution,
  clock: Clock = systemClock,
): Promise<number> {
  const run = await HeadlessRun.start(entry, resolution, 1);
  try {
    for (let i = 0; i < WARM_UP_FRAMES; i++) (await run.nextFrame()).release();
    const timesUs: number[] = [];
    const startUs = clock.nowUs();
    let nowUs = startUs;
    while (nowUs - startUs < MEASURED_US || timesUs.length < MIN_FRAMES) {
      (await run.nextFrame()).release();
      const doneUs = clock.nowUs();
      timesUs.push(doneUs - nowUs);
      nowUs = doneUs;
    }
    timesUs.sort((a, b) => a - b);
    return (timesUs[Math.floor(timesUs.length * 0.95)] ?? 0) / 1000;
  } finally {
    await run.close();
  }
}

/**
 * The largest resolution up to the default whose measured time fits {@link RENDER_BUDGET_MS}; the
 * smallest where none does. Measures from the default downwards and stops at the first that fits.
 * @param measure p95 milliseconds a frame, such as {@link measureRuntime}.
 */
export async function chooseResolution(
  measure: (resolution: Resolution) => Promise<number>,
): Promise<Resolution> {
  const candidates: Resolution[] = RESOLUTIONS.filter(
    ({ width }) => width <= DEFAULT_RESOLUTION.width,
  );
  let chosen = candidates[0] ?? DEFAULT_RESOLUTION;
  for (const resolution of candidates.reverse()) {
    chosen = resolution;
    if ((await measure(resolution)) <= RENDER_BUDGET_MS) break;
  }
  return chosen;
}
