import { join } from 'node:path';
import type { Logger } from 'pino';
import { systemScheduler } from '../../../renderer/clock.ts';
import { desktopProblem } from '../../../renderer/desktop/desktop-requirements.ts';
import { findBrowser } from '../../../renderer/web/web-program.ts';
import type { ContainerConfig } from '../../config.ts';
import { BuildShelf } from './build-shelf.ts';
import { HttpBuildSource } from './http-build-source.ts';
import type { Runtime } from './studio-builds.ts';

/** Studios' builds on a machine that plays some. */
export interface OpenShelf {
  readonly shelf: BuildShelf;
  /** Those that this machine can run, of those that its operator lets it. */
  readonly runtimes: readonly Runtime[];
}

/**
 * The studios' builds of a container; undefined where none are played there, with the reason in the log.
 * @param handleChange other builds are ready to be played than before.
 */
export async function openShelf(
  { dataFolder, buildCacheBytes, signalingUrl, runtimes: wanted }: ContainerConfig,
  log: Logger,
  handleChange: () => void,
): Promise<OpenShelf | undefined> {
  if (wanted.length === 0) return undefined;
  const problem = await desktopProblem();
  if (problem !== undefined) {
    log.info({ problem }, 'no builds of studios are played on this machine');
    return undefined;
  }
  // Without a browser a page would only be fetched in vain.
  const hasBrowser = (await findBrowser()) !== undefined;
  const runtimes = wanted.filter((runtime) => runtime !== 'web' || hasBrowser);
  try {
    const shelf = await BuildShelf.open({
      folder: join(dataFolder, 'build-cache'),
      maxBytes: buildCacheBytes,
      nowMs: Date.now,
      sourceOf: ({ token }) =>
        new HttpBuildSource({ signalingUrl, token, after: systemScheduler.after }),
      handleChange,
      log,
    });
    return { shelf, runtimes };
  } catch (err) {
    log.error({ err }, 'the folder for builds of studios cannot be used: none are played');
    return undefined;
  }
}
