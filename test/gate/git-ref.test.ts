import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { currentCommit, GitRef } from '../../gate/target/git-ref.ts';

const PROGRAM = { execArgv: [], path: '/nowhere/rockpool.js' };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rockpool-repository-'));
});
afterEach(() => rm(folder, { recursive: true }));

function git(...words: readonly string[]): string {
  const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', ['-C', folder, ...who, ...words], { encoding: 'utf8' }).trim();
}

/** A studio's repository with two states of a build. @returns the commit of the first. */
async function twoStates(): Promise<string> {
  git('init', '-q', '-b', 'main');
  await mkdir(join(folder, 'builds'));
  const states: string[] = [];
  for (const state of ['one', 'two']) {
    await writeFile(join(folder, 'builds', 'state'), state);
    git('add', '.');
    git('commit', '-q', '-m', state);
    states.push(git('rev-parse', 'HEAD'));
  }
  return states[0] ?? '';
}

it('says that there is no repository, or no such ref in it', async () => {
  await expect(GitRef.find('main', folder, {})).rejects.toThrow('is no git repository');
  await twoStates();
  await expect(GitRef.find('none', folder, {})).rejects.toThrow('there is no such git ref here');
  await expect(GitRef.find('--help', folder, {})).rejects.toThrow('there is no such git ref here');
});

it('wants to know where the builds of a repository are that is not Rockpool itself', async () => {
  await twoStates();
  await expect(GitRef.find('HEAD~1', folder, {})).rejects.toThrow('ROCKPOOL_GAMES names no folder');
  const elsewhere = { ROCKPOOL_GAMES: tmpdir() };
  await expect(GitRef.find('HEAD~1', folder, elsewhere)).rejects.toThrow('ROCKPOOL_GAMES');
});

it('plays the builds of then, and leaves the repository as it was', async () => {
  const first = await twoStates();
  const environment = { ROCKPOOL_GAMES: join(folder, 'builds') };
  const ref = await GitRef.find('HEAD~1', folder, environment);
  expect(ref.commit).toBe(first);
  const told: string[] = [];
  const built = await ref.build(PROGRAM, (line) => told.push(line), new AbortController().signal);
  expect(built.program).toBe(PROGRAM);
  expect(told).toEqual([`Checked out HEAD~1 (${first.slice(0, 10)}): its builds are played.`]);
  const games = built.environment.ROCKPOOL_GAMES ?? '';
  expect(await readFile(join(games, 'state'), 'utf8')).toBe('one');
  expect(await readFile(join(folder, 'builds', 'state'), 'utf8')).toBe('two');
  await ref.close();
  await ref.close();
  expect(existsSync(games)).toBe(false);
  expect(git('worktree', 'list').split('\n')).toHaveLength(1);
  expect(git('status', '--short')).toBe('');
});

/** A repository that passes for Rockpool's: its build notes where it ran, and which packages it found. */
async function rockpoolWithPackages(): Promise<void> {
  git('init', '-q', '-b', 'main');
  await mkdir(join(folder, 'scripts'));
  await writeFile(join(folder, 'package.json'), '{ "name": "rockpool", "type": "module" }');
  await writeFile(join(folder, '.gitignore'), 'node_modules/\ndist/\n');
  const build = `
    import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
    mkdirSync('dist');
    const there = existsSync('node_modules') ? readFileSync('node_modules/kept', 'utf8') : 'none';
    writeFileSync('dist/built', readFileSync('state', 'utf8') + ' with ' + there);`;
  await writeFile(join(folder, 'scripts', 'build.mjs'), build);
  for (const [state, lock] of [
    ['one', 'old lock'],
    ['two', 'lock'],
    ['three', 'lock'],
  ] as const) {
    await writeFile(join(folder, 'state'), state);
    await writeFile(join(folder, 'package-lock.json'), lock);
    git('add', '.');
    git('commit', '-q', '-m', state);
  }
  await mkdir(join(folder, 'node_modules'));
  await writeFile(join(folder, 'node_modules', 'kept'), 'packages');
  const stamp = createHash('sha256').update('lock').digest('hex');
  await writeFile(join(folder, 'node_modules', '.rockpool-setup'), stamp);
}

it('builds a state of Rockpool itself apart, with packages that are here where they are its own', async () => {
  await rockpoolWithPackages();
  const built: string[] = [];
  const told: string[] = [];
  for (const name of ['HEAD~1', 'HEAD~2']) {
    const ref = await GitRef.find(name, folder, {});
    const { signal } = new AbortController();
    const { program } = await ref.build(PROGRAM, (line) => told.push(line), signal);
    built.push(await readFile(join(dirname(program.path), '..', 'built'), 'utf8'));
    await ref.close();
  }
  expect(built).toEqual(['two with packages', 'one with none']);
  expect(told).toEqual([
    expect.stringMatching(/^Building HEAD~1 .*, with the packages here…$/),
    expect.stringMatching(/^Building HEAD~2 .*, installing its packages first…$/),
  ]);
  // What was shared is still there, and nothing was built in the repository itself.
  expect(await readFile(join(folder, 'node_modules', 'kept'), 'utf8')).toBe('packages');
  expect(existsSync(join(folder, 'dist'))).toBe(false);
});

it('takes the packages of the program that compares, where the repository has none', async () => {
  await rockpoolWithPackages();
  const elsewhere = await mkdtemp(join(tmpdir(), 'rockpool-program-'));
  try {
    await rename(join(folder, 'node_modules'), join(elsewhere, 'node_modules'));
    const ref = await GitRef.find('HEAD', folder, {});
    const program = { execArgv: [], path: join(elsewhere, 'dist', 'cli', 'rockpool.js') };
    const built = await ref.build(program, () => undefined, new AbortController().signal);
    const noted = join(dirname(built.program.path), '..', 'built');
    expect(await readFile(noted, 'utf8')).toBe('three with packages');
    await ref.close();
  } finally {
    await rm(elsewhere, { recursive: true });
  }
});

it('does not call it a failure that somebody stopped it', async () => {
  await twoStates();
  const ref = await GitRef.find('HEAD', folder, { ROCKPOOL_GAMES: join(folder, 'builds') });
  await expect(ref.build(PROGRAM, () => undefined, AbortSignal.abort())).rejects.toMatchObject({
    code: 'stopped',
  });
  await ref.close();
});

it('knows the commit that is checked out', async () => {
  expect(await currentCommit(folder)).toBeUndefined();
  await twoStates();
  expect(await currentCommit(folder)).toBe(git('rev-parse', 'HEAD'));
});
