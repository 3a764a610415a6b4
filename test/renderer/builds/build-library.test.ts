import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBuilds } from '../../../renderer/builds/build-library.ts';
import { BuildFolders } from '../../support/build-folders.ts';

let folders: BuildFolders;
beforeEach(() => {
  folders = new BuildFolders();
});
afterEach(() => folders.remove());

const NONE = new Set<string>();

describe('readBuilds', () => {
  it('takes a folder that is a build, and one that holds builds', async () => {
    const pond = folders.build('pond');
    folders.build('more/lake', { id: 'lake' });
    folders.build('more/brook', { id: 'brook' });
    mkdirSync(join(folders.path, 'more', 'notes'));
    const { builds, problems } = await readBuilds([pond, join(folders.path, 'more')], NONE);
    expect(builds.map(({ info }) => info.id)).toEqual(['pond', 'brook', 'lake']);
    expect(problems).toEqual([]);
  });

  it('offers the rest where one is bad, and says what is wrong with that one', async () => {
    folders.build('lake', { id: 'lake' });
    folders.build('pond', { entry: 'nowhere' });
    const { builds, problems } = await readBuilds([folders.path], NONE);
    expect(builds.map(({ info }) => info.id)).toEqual(['lake']);
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/pond: rockpool.json has a problem:\n {2}entry: there is no file/),
    ]);
  });

  it('gives an id to the first build that has it, and to none where a game has it', async () => {
    folders.build('a', { id: 'pond', title: 'First' });
    folders.build('b', { id: 'pond' });
    folders.build('c', { id: 'skimmer' });
    const { builds, problems } = await readBuilds([folders.path], new Set(['skimmer']));
    expect(builds.map(({ info }) => info.title)).toEqual(['First']);
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/b: "pond" is the id of the build in .*a too/),
      expect.stringMatching(/c: "skimmer" is the id of a game that Rockpool brings/),
    ]);
  });

  it('takes a folder named twice once', async () => {
    const pond = folders.build('pond');
    const { builds, problems } = await readBuilds([pond, folders.path], NONE);
    expect(builds).toHaveLength(1);
    expect(problems).toEqual([]);
  });

  it('says of a folder that it holds no build, or is none', async () => {
    mkdirSync(join(folders.path, 'empty'));
    const { problems } = await readBuilds(
      [join(folders.path, 'empty'), join(folders.path, 'gone')],
      NONE,
    );
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/There is no build in .*empty/),
      expect.stringMatching(/gone is not a folder of games/),
    ]);
  });
});
