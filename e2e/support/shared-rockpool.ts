import type { TestProject } from 'vitest/node';
import { RockpoolProcess, temporaryFolder } from '../../test/support/rockpool-process.ts';
import { EXAMPLES, writeNativeBuilds } from './native-builds.ts';
import { ONE_GAME } from './one-game.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Address of a `rockpool up` that all files share: measuring the machine takes seconds. */
    readonly rockpoolUrl: string;
    readonly rockpoolPid: number;
  }
}

/** Enough for every test at once; what a machine measures for itself may be a single one. */
const SLOTS = 6;

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const data = temporaryFolder();
  const builds = temporaryFolder();
  await writeNativeBuilds(builds.path);
  const rockpool = new RockpoolProcess(['up'], {
    ROCKPOOL_PORT: '0',
    ROCKPOOL_DATA: data.path,
    ROCKPOOL_SLOTS: String(SLOTS),
    ...ONE_GAME,
    ROCKPOOL_GAMES: `${builds.path}:${EXAMPLES}`,
  });
  project.provide('rockpoolUrl', await rockpool.ready());
  project.provide('rockpoolPid', rockpool.pid);
  return async () => {
    await rockpool.stop();
    data.remove();
    builds.remove();
  };
}
