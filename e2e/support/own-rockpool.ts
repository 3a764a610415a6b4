import { relative } from 'node:path';
import { RockpoolProcess, temporaryFolder } from '../../test/support/rockpool-process.ts';
import { ONE_GAME } from './one-game.ts';

/**
 * Runs `rockpool up` for one test file: on a free port, in a folder that is gone afterwards.
 * @param use is given its address, and the process.
 * @param furnish puts into its data folder what was there before it starts.
 */
export async function withOwnRockpool(
  environment: Readonly<Record<string, string>>,
  use: (url: string, rockpool: RockpoolProcess) => Promise<void>,
  furnish: (dataFolder: string) => Promise<void> = async () => {},
): Promise<void> {
  const data = temporaryFolder();
  try {
    await furnish(data.path);
    const rockpool = new RockpoolProcess(['up'], {
      ROCKPOOL_PORT: '0',
      // As the default is: not its whole path.
      ROCKPOOL_DATA: relative('', data.path),
      ...ONE_GAME,
      ...environment,
    });
    try {
      await use(await rockpool.ready(), rockpool);
    } finally {
      await rockpool.stop();
    }
  } finally {
    data.remove();
  }
}
