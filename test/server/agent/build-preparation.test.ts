import { describe, expect, it } from 'vitest';
import { gameInfoOf } from '../../../protocol/build-manifest.ts';
import { RockpoolError } from '../../../protocol/errors.ts';
import type { SessionProgress } from '../../../protocol/session-progress.ts';
import { type PreparedGame, prepareBuild } from '../../../server/agent/build-preparation.ts';
import type { PackageInstaller } from '../../../server/agent/package-installer.ts';
import { fakeManifest } from '../../support/build-folders.ts';

function buildOf(fields: object) {
  const manifest = fakeManifest({ packages: ['pond'], ...fields });
  return { folder: '/srv/pond', manifest, info: gameInfoOf(manifest) };
}

function recorder() {
  const said: unknown[] = [];
  const game: PreparedGame = {
    tellProgress: ({ text }) => said.push(text),
    handlePrepared: () => said.push('prepared'),
    end: async (reason, detail) => {
      said.push([reason, detail]);
    },
  };
  return { game, said };
}

const quick: Pick<PackageInstaller, 'ensure'> = {
  ensure: async (packages, handleProgress) =>
    handleProgress({ step: 'installing', text: packages.join() }),
};

describe('prepareBuild', () => {
  it('passes on what is being done, then lets the game start', async () => {
    const { game, said } = recorder();
    await prepareBuild(buildOf({ entry: 'pond' }), quick, game);
    expect(said).toEqual(['pond', 'prepared']);
  });

  it('ends the session with what to run where a package is missing', async () => {
    const { game, said } = recorder();
    const refusal = new RockpoolError('missing-package', 'It lacks pond.\nsudo apt-get …');
    await prepareBuild(buildOf({}), { ensure: () => Promise.reject(refusal) }, game);
    expect(said).toEqual([['missing-package', 'It lacks pond.\nsudo apt-get …']]);
  });

  it('ends it where the packages do not bring the program', async () => {
    const { game, said } = recorder();
    await prepareBuild(buildOf({ entry: '/usr/games/no-such-game' }), quick, game);
    expect(said.at(-1)).toEqual([
      'missing-package',
      'There is no /usr/games/no-such-game on this machine, though pond is installed. The packages of Pond should be corrected.',
    ]);
  });

  it('fetches the build first, where it is not there', async () => {
    const { game, said } = recorder();
    const fetch = async (tell: (progress: SessionProgress) => void) => {
      tell({ step: 'fetching', text: 'Fetching the game: 40 %' });
      return true;
    };
    await prepareBuild(buildOf({ entry: 'pond' }), quick, game, { fetch });
    expect(said).toEqual(['Fetching the game: 40 %', 'pond', 'prepared']);
  });

  it('ends the session with why it could not be fetched', async () => {
    const { game, said } = recorder();
    const fetch = () => Promise.reject(new RockpoolError('timeout', 'Try again in a moment.'));
    await prepareBuild(buildOf({}), quick, game, { fetch });
    expect(said).toEqual([['fetch-failed', 'Try again in a moment.']]);
  });

  it('says nothing of a session that was over before', async () => {
    const { game, said } = recorder();
    await prepareBuild(buildOf({}), quick, game, { fetch: async () => false });
    expect(said).toEqual([]);
  });
});
