import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  const built = await ref.build(PROGRAM, new AbortController().signal);
  expect(built.program).toBe(PROGRAM);
  const games = built.environment.ROCKPOOL_GAMES ?? '';
  expect(await readFile(join(games, 'state'), 'utf8')).toBe('one');
  expect(await readFile(join(folder, 'builds', 'state'), 'utf8')).toBe('two');
  await ref.close();
  await ref.close();
  expect(existsSync(games)).toBe(false);
  expect(git('worktree', 'list').split('\n')).toHaveLength(1);
  expect(git('status', '--short')).toBe('');
});

it('does not call it a failure that somebody stopped it', async () => {
  await twoStates();
  const ref = await GitRef.find('HEAD', folder, { ROCKPOOL_GAMES: join(folder, 'builds') });
  await expect(ref.build(PROGRAM, AbortSignal.abort())).rejects.toMatchObject({ code: 'stopped' });
  await ref.close();
});

it('knows the commit that is checked out', async () => {
  expect(await currentCommit(folder)).toBeUndefined();
  await twoStates();
  expect(await currentCommit(folder)).toBe(git('rev-parse', 'HEAD'));
});
