import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { gameInfoOf } from '../../protocol/build-manifest.ts';
import { gameInfoSchema } from '../../protocol/game-info.ts';
import { BUILT_IN_GAMES, buildEntry } from '../../renderer/game-catalogue.ts';
import { fakeManifest } from '../support/build-folders.ts';

describe('game catalogue', () => {
  it('lists the built-in games under their ids, as the protocol wants them', () => {
    expect([...BUILT_IN_GAMES.keys()]).toEqual(['skimmer', 'calibration', 'calibration-gpu']);
    for (const [id, { info }] of BUILT_IN_GAMES) {
      expect(gameInfoSchema.parse(info).id).toBe(id);
    }
  });

  it('loads no GPU library until a game needs one', async () => {
    const program = `
      const { BUILT_IN_GAMES } = await import('./renderer/game-catalogue.ts');
      const runtime = BUILT_IN_GAMES.get('calibration').createRuntime();
      const size = { width: 512, height: 288 };
      const nothing = () => {};
      await runtime.start(
        { game: {}, resolution: size, frameRate: 60, seed: 1 },
        { handleFrame: (f) => f.release(), handleSound: nothing, handleCursor: nothing },
      );
      await runtime.close();
      const maps = await import('node:fs').then((fs) => fs.readFileSync('/proc/self/maps', 'utf8'));
      console.log(/dawn|vulkan/.test(maps) ? 'loaded' : 'not loaded');`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', program],
      { cwd: new URL('../..', import.meta.url) },
    );
    expect(stdout.trim()).toBe('not loaded');
  });

  it('makes a game of a build, with the display that its manifest says', () => {
    const manifest = fakeManifest({ resolution: { width: 800, height: 600 }, frameRate: 35 });
    const build = { folder: '/srv/pond', manifest, info: gameInfoOf(manifest) };
    const entry = buildEntry(build, { network: false });
    expect(entry).toMatchObject({
      info: { id: 'pond' },
      needsGpu: false,
      display: { resolution: { width: 800, height: 600 }, resizable: false, frameRate: 35 },
    });
  });
});
