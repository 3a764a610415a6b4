import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildFolders } from '../support/build-folders.ts';

const PROGRAM = fileURLToPath(new URL('../../cli/rockpool.ts', import.meta.url));

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as it is in the source tree, until it exits. */
function rockpool(...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', PROGRAM, ...args],
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

// Each starts Node and compiles what it runs.
describe('rockpool', { timeout: 60_000 }, () => {
  let folders: BuildFolders;
  beforeEach(() => {
    folders = new BuildFolders();
  });
  afterEach(() => folders.remove());

  it('check: says what is fine and what is not, and exits with 1 for the latter', async () => {
    const good = folders.build('pond', { resolution: { width: 800, height: 600 } });
    expect(await rockpool('check', good)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Pond is fine: linux, 800 × 600'),
    });
    folders.build('lake', { id: 'Lake', entry: '../lake', frameRate: 0 });
    const both = await rockpool('check', folders.path);
    expect(both.code).toBe(1);
    expect(both.stdout).toContain('Pond is fine');
    expect(both.stderr).toMatch(/lake: rockpool.json has problems:/);
    for (const field of ['id', 'entry', 'frameRate']) expect(both.stderr).toContain(`  ${field}: `);
  });

  it('run: prints every problem of a bad build and exits with 1', async () => {
    const folder = folders.build('pond', { entry: 'nowhere', cover: 'none.png' });
    const { code, stderr, stdout } = await rockpool('run', folder);
    expect(code).toBe(1);
    expect(stderr).toContain('entry: there is no file nowhere');
    expect(stderr).toContain('cover: there is no file none.png');
    expect(stdout).toBe('');
  });

  it('run: does not choose among several builds, nor run without one', async () => {
    folders.build('pond');
    folders.build('lake', { id: 'lake' });
    expect((await rockpool('run', folders.path)).stderr).toContain('name one of lake, pond');
    expect((await rockpool('run')).stderr).toContain('needs the folder of a build');
  });

  it('schema: prints what editors check a rockpool.json by', async () => {
    const { code, stdout } = await rockpool('schema');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      type: 'object',
      required: ['id', 'title', 'runtime', 'entry'],
    });
  });
});
