import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { streamOf } from '../../gate/scenario.ts';
import { parseScenario, readScenarios, shippedScenarios } from '../../gate/scenario-files.ts';
import { BUILT_IN_GAMES } from '../../renderer/game-catalogue.ts';

const MINE = {
  name: 'mine',
  title: 'Mine',
  game: 'pond',
  seconds: 5,
  profiles: ['direct', 'wifi'],
  browsers: ['chromium'],
  input: { kind: 'presses', code: 'Space', heldMs: 40, leastMs: 100, mostMs: 200 },
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rockpool-scenarios-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('the scenarios that come along', () => {
  it('are of games that there are, the plainest first', async () => {
    const scenarios = await shippedScenarios();
    const builds = ['freedoom', 'drift'];
    for (const { game } of scenarios) expect([...BUILT_IN_GAMES.keys(), ...builds]).toContain(game);
    expect(scenarios.map(({ name }) => name)).toEqual([
      'calibration',
      'skimmer',
      'freedoom',
      'web',
    ]);
  });

  it('let go of everything they press before they begin again', async () => {
    for (const { input } of await shippedScenarios()) {
      if (input.kind !== 'recorded') continue;
      const held = new Set<string>();
      for (const event of input.events) {
        if (event.type !== 'key' && event.type !== 'button') continue;
        const what = event.type === 'key' ? event.code : event.button.toString();
        if (event.down) held.add(what);
        else expect(held.delete(what)).toBe(true);
      }
      expect([...held]).toEqual([]);
    }
  });
});

describe('readScenarios', () => {
  it('takes names and paths, and fills in what a file leaves out', async () => {
    const [mine, skimmer] = await readScenarios([await file('mine.json', MINE), 'skimmer']);
    expect(skimmer?.game).toBe('skimmer');
    if (!mine) throw new Error('not read');
    expect(mine).toMatchObject({ viewport: { width: 1280, height: 800 }, settleSeconds: 3 });
    expect(streamOf(mine)).toMatchObject({ resolution: 'auto', frameRate: 60, codec: 'auto' });
  });

  it('names those there are for one that there is not', async () => {
    await expect(readScenarios(['skimer'])).rejects.toThrow(
      'There is no scenario "skimer": calibration, skimmer, freedoom, web',
    );
    await expect(readScenarios([join(folder, 'none.json')])).rejects.toThrow('no scenario');
  });

  it('refuses two of one name, whose figures nobody could tell apart', async () => {
    const paths = [await file('a.json', MINE), await file('b.json', MINE)];
    await expect(readScenarios(paths)).rejects.toThrow('Two scenarios are named mine');
  });
});

describe('parseScenario', () => {
  it('tells everything that is wrong at once, with the networks there are', () => {
    const wrong = { ...MINE, profiles: ['wlan'], seconds: 0, surprise: true };
    const parse = () => parseScenario(JSON.stringify(wrong), '/somewhere/mine.json');
    expect(parse).toThrow(/^mine\.json is no scenario:\n/);
    expect(parse).toThrow(/profiles\.0: there is no network "wlan": direct, lan, fibre/);
    expect(parse).toThrow(/seconds: /);
    expect(parse).toThrow(/surprise/);
  });

  it('says that a file is not JSON', () => {
    expect(() => parseScenario('{', 'mine.json')).toThrow('mine.json is not JSON');
  });
});
