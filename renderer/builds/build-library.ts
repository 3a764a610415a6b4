import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import type { GameId } from '../../protocol/ids.ts';
import { type Build, isBuild, readBuild } from './build-folder.ts';

/** What folders were found to hold. */
export interface BuildLibrary {
  /** Those that can be offered, in the order of the folders, each id once. */
  readonly builds: readonly Build[];
  /** One for each folder or build that cannot, with its reason. */
  readonly problems: readonly RockpoolError[];
}

/**
 * Reads folders that each are a build or hold builds as direct sub-folders. A bad one is a problem
 * of its own: the rest is offered.
 * @param taken ids of other games, which no build may have.
 */
export async function readBuilds(
  folders: readonly string[],
  taken: ReadonlySet<GameId>,
): Promise<BuildLibrary> {
  const builds = new Map<GameId, Build>();
  const problems: RockpoolError[] = [];
  for (const folder of folders) {
    for (const outcome of await readFolder(folder)) {
      const problem = 'folder' in outcome ? clash(outcome, builds, taken) : outcome;
      if (problem) problems.push(problem);
      else if ('folder' in outcome) builds.set(outcome.info.id, outcome);
    }
  }
  return { builds: [...builds.values()], problems };
}

/** The direct sub-folders of a folder that say of themselves that they are builds, by name. */
export async function foldersWithBuilds(folder: string): Promise<string[]> {
  const inner = (await readdir(folder)).sort().map((name) => join(folder, name));
  const areBuilds = await Promise.all(inner.map(isBuild));
  return inner.filter((_, i) => areBuilds[i]);
}

async function readFolder(folder: string): Promise<(Build | RockpoolError)[]> {
  if (await isBuild(folder)) return [await tryRead(folder)];
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    return [new RockpoolError('bad-manifest', `${folder} is not a folder of games.`, { cause })];
  }
  const outcomes: (Build | RockpoolError)[] = [];
  for (const name of names.sort()) {
    const inner = join(folder, name);
    if (await isBuild(inner)) outcomes.push(await tryRead(inner));
  }
  if (outcomes.length > 0) return outcomes;
  return [
    new RockpoolError(
      'bad-manifest',
      `There is no build in ${folder}: neither it nor a folder in it has a rockpool.json.`,
    ),
  ];
}

async function tryRead(folder: string): Promise<Build | RockpoolError> {
  try {
    return await readBuild(folder);
  } catch (thrown) {
    return toRockpoolError(thrown, 'bad-manifest');
  }
}

/** @returns why a build cannot have its id. */
function clash(
  { folder, info: { id } }: Build,
  builds: ReadonlyMap<GameId, Build>,
  taken: ReadonlySet<GameId>,
): RockpoolError | undefined {
  if (taken.has(id)) {
    return new RockpoolError(
      'bad-manifest',
      `${folder}: "${id}" is the id of a game that Rockpool brings; choose another id.`,
    );
  }
  const first = builds.get(id);
  // The same folder named twice is no contradiction, and no second game.
  if (!first || first.folder === folder) return undefined;
  return new RockpoolError(
    'bad-manifest',
    `${folder}: "${id}" is the id of the build in ${first.folder} too; choose another id.`,
  );
}
