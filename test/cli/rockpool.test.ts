import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildReportSchema } from '../../protocol/build-report.ts';
import { rawZip } from '../support/archives/raw-zip.ts';
import { BuildFolders } from '../support/build-folders.ts';

const PROGRAM = fileURLToPath(new URL('../../cli/rockpool.ts', import.meta.url));

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));

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
    expect(both.stderr).toMatch(/lake has problems:/);
    for (const field of ['id', 'entry', 'frameRate']) expect(both.stderr).toContain(`  ${field}: `);
  });

  it('check: proposes a rockpool.json for a folder without one, and writes it when told to', async () => {
    const folder = folders.folder('Rock Pool', {
      'index.html': '<title>Rock Pool</title><script src="a.js"></script>',
      'Build/pool.loader.js': '',
    });
    const proposed = await rockpool('check', folder);
    expect(proposed).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('This is a Unity web build'),
      stderr: expect.stringContaining('With --write the one proposed is written.'),
    });
    expect(proposed.stdout).toContain('"entry": "index.html"');
    expect(proposed.stdout).toContain('summary: What is the game, in a sentence or two?');
    const written = await rockpool('check', folder, '--write');
    expect(written.code).toBe(0);
    expect(written.stdout).toContain('Rock Pool is fine: web');
    expect((await rockpool('check', folder)).code).toBe(0);
  });

  it('check: takes an archive, and tells programs about it in JSON', async () => {
    const folder = folders.build('pond', {}, { 'data/water.txt': 'wet' });
    const archive = folders.pack(folder, 'pond.tar.gz');
    const { code, stdout } = await rockpool('check', archive, '--json');
    expect(code).toBe(0);
    expect(buildReportSchema.parse(JSON.parse(stdout))).toMatchObject({
      name: 'pond.tar.gz',
      files: 3,
      manifest: { id: 'pond' },
      problems: [],
    });
    const bad = folders.file('evil.zip', rawZip([{ name: '../evil', content: 'x' }]));
    expect(await rockpool('check', bad)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"../evil" leads out of the build'),
    });
  });

  it('check: finds nothing wrong with the examples, as folders and as an archive', async () => {
    const { code, stdout } = await rockpool('check', EXAMPLES, '--json');
    const reports = stdout
      .trim()
      .split('\n')
      .map((line) => buildReportSchema.parse(JSON.parse(line)));
    expect(reports.flatMap(({ problems }) => problems)).toEqual([]);
    expect(reports.map(({ manifest }) => manifest?.id)).toEqual(readdirSync(EXAMPLES).sort());
    expect(code).toBe(0);
    const archive = folders.pack(join(EXAMPLES, 'freedoom'), 'freedoom.tar.zst');
    expect(await rockpool('check', archive)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Freedoom: Phase 1 is fine: linux, 960 × 720'),
      stderr: '',
    });
  });

  it('check: exits with 2 where it cannot look', async () => {
    expect(await rockpool('check', join(folders.path, 'nowhere'))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/There is no .*nowhere to check/),
    });
    expect((await rockpool('check')).code).toBe(2);
    expect((await rockpool('check', '.', '--frobnicate')).code).toBe(2);
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
