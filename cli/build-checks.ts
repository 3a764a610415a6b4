import { manifestJsonSchema } from '../protocol/build-manifest.ts';
import { RockpoolError } from '../protocol/errors.ts';
import type { Build } from '../renderer/builds/build-folder.ts';
import { type BuildLibrary, readBuilds } from '../renderer/builds/build-library.ts';
import { BUILT_IN_GAMES } from '../renderer/game-catalogue.ts';
import { say } from './say.ts';

/** What editors check a rockpool.json by. */
export function sayManifestSchema(): void {
  say(JSON.stringify(manifestJsonSchema(), undefined, 2));
}

function readLibrary(folder: string): Promise<BuildLibrary> {
  return readBuilds([folder], new Set(BUILT_IN_GAMES.keys()));
}

/**
 * The one build of a folder.
 * @throws RockpoolError `bad-manifest` with everything that is wrong with it.
 */
export async function readOneBuild(folder: string): Promise<Build> {
  const { builds, problems } = await readLibrary(folder);
  if (problems.length > 0) {
    throw new RockpoolError('bad-manifest', problems.map(({ message }) => message).join('\n'));
  }
  const [build] = builds;
  if (build && builds.length === 1) return build;
  const ids = builds.map(({ info }) => info.id).join(', ');
  throw new RockpoolError('bad-manifest', `${folder} holds several builds: name one of ${ids}.`);
}
