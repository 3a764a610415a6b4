import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBuild } from '../../../renderer/builds/build-folder.ts';
import { BUILT_IN_GAMES } from '../../../renderer/game-catalogue.ts';
import { type MeasuredGames, OfferedGames } from '../../../server/agent/offered-games.ts';
import { BuildFolders } from '../../support/build-folders.ts';

let folders: BuildFolders;
beforeEach(() => {
  folders = new BuildFolders();
});
afterEach(() => folders.remove());

const nothing = async () => undefined;
const HD = { width: 1280, height: 720 };
const MEASURED: MeasuredGames = {
  encoders: [],
  gpu: { kind: 'none', description: '' },
  gpuMemoryBytes: undefined,
  autoResolutions: new Map([['calibration', HD]]),
};

const ALL = [...BUILT_IN_GAMES.keys()];

function read(builtIn = ALL, missing: () => Promise<string | undefined> = nothing) {
  return OfferedGames.read({ folders: [folders.path], builtIn, missing });
}

describe('OfferedGames', () => {
  it('offers the built-in games that were measured to run, and the builds', async () => {
    folders.build('pond');
    const games = await read();
    games.handleMeasured(MEASURED);
    expect(games.games.map(({ id }) => id)).toEqual(['calibration', 'pond']);
    expect(games.find('calibration')).toMatchObject({ autoResolution: HD, build: undefined });
    expect(games.find('skimmer')).toBeUndefined();
  });

  it('begins a build at the size that its manifest says', async () => {
    folders.build('pond', { resolution: { width: 800, height: 600 } });
    const games = await read();
    games.handleMeasured(MEASURED);
    const offered = games.find('pond');
    expect(offered?.autoResolution).toEqual({ width: 800, height: 600 });
    expect(offered?.build?.info.title).toBe('Pond');
  });

  it('offers a build alone where that is wanted', async () => {
    folders.build('pond');
    const games = await read([]);
    games.handleMeasured(MEASURED);
    expect(games.builtIn).toEqual([]);
    expect(games.games.map(({ id }) => id)).toEqual(['pond']);
  });

  it('offers no build where the machine cannot run one, and says what to install', async () => {
    folders.build('pond');
    const games = await read(ALL, async () => 'Install Xvfb.');
    games.handleMeasured(MEASURED);
    expect(games.advice).toBe('Install Xvfb.');
    expect(games.games.map(({ id }) => id)).toEqual(['calibration']);
    expect(games.find('pond')).toBeUndefined();
  });

  it('asks what is missing only where there is a build', async () => {
    const games = await OfferedGames.read({
      folders: [],
      builtIn: ALL,
      missing: async () => 'Install Xvfb.',
    });
    expect(games.advice).toBeUndefined();
  });

  it('keeps the reasons of builds that are not offered', async () => {
    folders.build('pond', { id: 'skimmer' });
    expect((await read()).problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('"skimmer" is the id of a game that Rockpool brings'),
    ]);
  });

  it('goes on with another state of a build', async () => {
    const folder = folders.build('pond');
    const games = await read();
    folders.build('pond', { title: 'Deep Pond' });
    games.replace(await readBuild(folder));
    games.handleMeasured(MEASURED);
    expect(games.find('pond')?.build?.info.title).toBe('Deep Pond');
    expect(games.games.map(({ id }) => id)).toEqual(['calibration', 'pond']);
  });
});
