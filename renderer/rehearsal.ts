import { RESOLUTIONS } from '../protocol/stream-settings.ts';
import type { CatalogueEntry } from './game-catalogue.ts';
import { HeadlessRun } from './headless-run.ts';

/** One frame compiles what draws it, the next finds it compiled. */
const FRAMES = 2;

/**
 * Lets a game draw once with nobody watching, so that its modules are loaded and the driver has
 * compiled its shaders: a software GPU takes ten times longer for a process's first start and frame
 * than for its second.
 * @throws RockpoolError where the game does not start or fails.
 */
export async function rehearseGame(entry: CatalogueEntry): Promise<void> {
  const run = await HeadlessRun.start(entry, RESOLUTIONS[0], 1);
  try {
    for (let i = 0; i < FRAMES; i++) (await run.nextFrame()).release();
  } finally {
    await run.close();
  }
}
