import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runBench } from '../../cli/bench.ts';
import { runRecord } from '../../cli/record.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';

const PROGRAM = fileURLToPath(new URL('../../cli/rockpool.ts', import.meta.url));

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rockpool-bench-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs the command as it is in the source tree, in a folder of its own, until it exits. */
function rockpool(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const tsx = import.meta.resolve('tsx');
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', tsx, PROGRAM, ...args],
      { cwd: folder, env: { ...process.env, ...environment } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

async function file(name: string, content: unknown): Promise<string> {
  await writeFile(join(folder, name), JSON.stringify(content));
  return name;
}

/** What the command says that refuses; it starts nothing then, so the process is spared. */
async function refusal(command: Promise<unknown>): Promise<string> {
  const outcome = await command.then(
    () => 'was taken',
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(RockpoolError);
  return outcome instanceof RockpoolError ? outcome.message : '';
}

/** Nobody listens there. */
const NOBODY = 'http://127.0.0.1:9';

// Each starts Node and compiles what it runs.
describe('the command', () => {
  it('bench: lists what there is to be played', async () => {
    const list = await rockpool(['bench', '--list']);
    expect(list).toMatchObject({ code: 0, stderr: '' });
    for (const name of ['calibration', 'skimmer', 'freedoom', 'web', 'direct', 'wifi']) {
      expect(list.stdout).toContain(name);
    }
  });

  it('bench: exits with 2 and a sentence for what it cannot measure, in the budgets of its folder too', async () => {
    await file('rockpool.bench.json', {
      schemaVersion: 1,
      budgets: [{ metric: 'lag', limit: 60 }],
    });
    const outcome = await rockpool(['bench']);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toMatch(/there is no metric "lag".*clickToPhoton\.p95Ms/);
    expect(outcome.stderr).not.toContain('    at ');
  });

  it('bench: says which browser to install', async () => {
    const outcome = await rockpool(['bench'], { PATH: folder });
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toMatch(/There is no chromium .*apt-get install chromium/);
  });

  it('record: exits with 2 and writes nothing where nobody answers', async () => {
    const outcome = await rockpool(['record', '--url', NOBODY, '--game', 'skimmer']);
    expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining('Nobody answers') });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('rockpool bench', () => {
  const KNOWN = /There is no scenario "skimer": calibration, skimmer, freedoom, web/;
  it.each<[string, string[], RegExp]>([
    ['an option that there is not', ['--colour'], /Unknown option '--colour'[\s\S]*Usage/],
    ['a word that is no option', ['skimmer'], /Usage/],
    ['a scenario that there is not', ['--scenario', 'skimer'], KNOWN],
    ['a network that there is not', ['--profile', 'wlan'], /there is direct, lan, fibre/],
    ['a browser that there is not', ['--browser', 'lynx'], /there is chromium, firefox/],
    ['a length that is none', ['--seconds', 'long'], /--seconds takes a number/],
    ['half a run', ['--runs', '1.5'], /--runs takes a whole number/],
    ['an address that is none', ['--url', 'localhost:8080'], /is no address such as/],
    ['an address where nobody answers', ['--url', NOBODY], /Nobody answers at/],
    ['a baseline that is not there', ['--baseline', 'none.json'], /none\.json cannot be read/],
    ['budgets that are not there', ['--budgets', 'none.json'], /none\.json cannot be read/],
    ['a report that nothing can hold', ['--json', `${PROGRAM}/r.json`], /no folder for it/],
    ['a ref that there is not', ['--against', 'no-such-ref'], /git/],
    ['two refs of which one there is not', ['--against', 'HEAD..no-such-ref'], /git/],
  ])('refuses %s, and says what there is', async (_what, args, words) => {
    expect(await refusal(runBench(args, {}))).toMatch(words);
  });

  it('refuses what is not Rockpool, and a Rockpool of another version', async () => {
    let body = '<!doctype html>';
    const server = createServer((_request, response) => response.end(body)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const url = `http://127.0.0.1:${address.port}`;
    try {
      expect(await refusal(runBench(['--url', url], {}))).toContain('is not Rockpool');
      body = JSON.stringify({ status: 'ok', protocol: PROTOCOL_VERSION - 1 });
      const older = await refusal(runBench(['--url', url], {}));
      expect(older).toContain(`version ${PROTOCOL_VERSION - 1} of the protocol`);
    } finally {
      server.close();
    }
  });
});

it('refuses to judge an address where two refs are to be compared', async () => {
  const args = ['--url', NOBODY, '--against', 'v1..v2'];
  expect(await refusal(runBench(args, {}))).toMatch(/names both sides.*Leave one out/);
});

describe('rockpool record', () => {
  const AT = ['--url', NOBODY];
  it.each<[string[], RegExp]>([
    [[], /needs --url and --game/],
    [[...AT, '--game', 'Not A Game'], /is no id of a game/],
    [[...AT, '--game', 'skimmer', '--seconds', '0'], /--seconds takes/],
    [[...AT, '--game', 'skimmer', '--browser', 'lynx'], /there is chromium, firefox/],
    [[...AT, '--game', 'skimmer', '--out', `${PROGRAM}/mine.json`], /no folder for it/],
  ])('refuses %j', async (args, words) => {
    expect(await refusal(runRecord(args))).toMatch(words);
  });
});
