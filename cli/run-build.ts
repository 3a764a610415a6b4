import { spawn } from 'node:child_process';
import type { Environment } from '../protocol/environment.ts';
import { RockpoolError, toRockpoolError } from '../protocol/errors.ts';
import { type Build, readBuild } from '../renderer/builds/build-folder.ts';
import { BuildWatch } from '../renderer/builds/build-watch.ts';
import { desktopProblem } from '../renderer/desktop/desktop-requirements.ts';
import type { Container } from '../server/agent/container.ts';
import { MEMORY_URL } from '../signaling/config.ts';
import { startBoth } from './commands.ts';
import type { Running } from './lifecycle.ts';
import { say } from './say.ts';

/** What there is to a `rockpool run` beside its folder. */
export interface RunOptions {
  /** Whether a changed file restarts the game. */
  readonly watch: boolean;
  /** Whether the page is opened in a browser. */
  readonly open: boolean;
}

/**
 * Offers one build and nothing else, and says where it is played.
 * @throws RockpoolError `missing-package` where the machine cannot run builds.
 */
export async function startRun(
  build: Build,
  options: RunOptions,
  environment: Environment,
  fail: (error: Error) => void,
  signal: AbortSignal,
): Promise<Running> {
  const missing = await desktopProblem();
  if (missing !== undefined) throw new RockpoolError('missing-package', missing);
  const only = { games: [build.folder], builtInGames: [], runtimes: [] };
  // Trying a build leaves nothing to be remembered, and a database takes its time to open.
  const forgetful = { DATABASE_URL: MEMORY_URL, ...environment };
  const { container, url, close } = await startBoth(forgetful, fail, signal, only);
  let watch: BuildWatch | undefined;
  const running = {
    close: async () => {
      watch?.close();
      await close();
    },
  };
  try {
    if (options.watch) watch = await watchBuild(build, container);
    const page = `${url}/play/${build.info.id}`;
    say(`Rockpool is ready: ${page}`);
    if (options.open) openInBrowser(page);
    return running;
  } catch (error) {
    await running.close();
    throw error;
  }
}

/** A change ends the sessions of the build; their pages start the new state of it by themselves. */
function watchBuild({ folder, info: { id } }: Build, container: Container): Promise<BuildWatch> {
  const replace = async () => {
    try {
      const changed = await readBuild(folder);
      if (changed.info.id !== id) {
        say(`The id is now ${changed.info.id}. Start rockpool run again to play under that.`);
        return;
      }
      await container.replaceBuild(changed);
      say(`${changed.info.title} has changed: the new version is played from now on.`);
    } catch (error) {
      say(`The version before is kept. ${toRockpoolError(error).message}`);
    }
  };
  let last = Promise.resolve();
  return BuildWatch.open(folder, () => {
    last = last.then(replace);
  });
}

const OPENERS: Partial<Record<NodeJS.Platform, string>> = { darwin: 'open', linux: 'xdg-open' };

function openInBrowser(page: string): void {
  const opener = spawn(OPENERS[process.platform] ?? 'xdg-open', [page], {
    stdio: 'ignore',
    detached: true,
  });
  opener.on('error', () => say('No browser could be opened: open that address in yours.'));
  opener.unref();
}
