import { join } from 'node:path';
import type { Logger } from 'pino';
import { desktopProblem } from '../../../renderer/desktop/desktop-requirements.ts';
import type { ContainerConfig } from '../../config.ts';
import { BuildShelf } from './build-shelf.ts';
import { HttpBuildSource } from './http-build-source.ts';

/**
 * The studios' builds of a container; undefined where none are played there, with the reason in the log.
 * @param handleChange other builds are ready to be played than before.
 */
export async function openShelf(
  { dataFolder, buildCacheBytes, signalingUrl, runtimes }: ContainerConfig,
  log: Logger,
  handleChange: () => void,
): Promise<BuildShelf | undefined> {
  if (runtimes.length === 0) return undefined;
  const problem = await desktopProblem();
  if (problem !== undefined) {
    log.info({ problem }, 'no builds of studios are played on this machine');
    return undefined;
  }
  try {
    return await BuildShelf.open({
      folder: join(dataFolder, 'build-cache'),
      maxBytes: buildCacheBytes,
      nowMs: Date.now,
      sourceOf: ({ token }) => new HttpBuildSource({ signalingUrl, token, after }),
      handleChange,
      log,
    });
  } catch (err) {
    log.error({ err }, 'the folder for builds of studios cannot be used: none are played');
    return undefined;
  }
}

function after(delayMs: number, task: () => void): () => void {
  const timer = setTimeout(task, delayMs);
  return () => clearTimeout(timer);
}
