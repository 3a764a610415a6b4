import { describe, expect, it } from 'vitest';
import { gameInfoOf } from '../../../protocol/build-manifest.ts';
import { RockpoolError } from '../../../protocol/errors.ts';
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
});
