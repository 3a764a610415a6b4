import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import type { SessionProgress } from '../../protocol/session-progress.ts';
import { type EndReason, shortenDetail } from '../../protocol/session-state.ts';
import { type Build, missingProgram } from '../../renderer/builds/build-folder.ts';
import type { HeldBuild } from './builds/studio-builds.ts';
import type { PackageInstaller } from './package-installer.ts';

/** A session whose game waits for what it needs. */
export interface PreparedGame {
  tellProgress(progress: SessionProgress): void;
  /** Everything is there: the game may start. */
  handlePrepared(): void;
  end(reason: EndReason, detail?: string): Promise<void>;
}

/** A build that may have to be fetched first. */
export type FetchedBuild = Pick<HeldBuild, 'fetch'>;

/**
 * Gets a build, and what it needs of the system, then lets its game start, or says why it cannot.
 * @param held left out where the build is this machine's own.
 */
export async function prepareBuild(
  build: Build,
  installer: Pick<PackageInstaller, 'ensure'>,
  game: PreparedGame,
  held?: FetchedBuild,
): Promise<void> {
  const { packages } = build.manifest;
  try {
    if (held && !(await held.fetch((progress) => game.tellProgress(progress)))) return;
  } catch (error) {
    await game.end('fetch-failed', shortenDetail(toRockpoolError(error).message));
    return;
  }
  try {
    await installer.ensure(packages, (progress) => game.tellProgress(progress));
    const missing = await missingProgram(build);
    if (missing !== undefined) {
      throw new RockpoolError(
        'missing-package',
        `There is no ${missing} on this machine, though ${packages.join(', ')} is installed. The packages of ${build.info.title} should be corrected.`,
      );
    }
    game.handlePrepared();
  } catch (error) {
    const { message } = toRockpoolError(error, 'missing-package');
    await game.end('missing-package', shortenDetail(message));
  }
}
