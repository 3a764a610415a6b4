import { describe, expect, it } from 'vitest';
import { buildReportSchema } from '../../../protocol/build-report.ts';
import { checkBuild } from '../../../signaling/studio/builds/build-check.ts';
import type { BuildFile } from '../../../signaling/studio/builds/build-files.ts';
import { elf, type MadeUpFile, madeUpBuild } from '../../support/made-up-build.ts';

const check = (
  manifest: object | string,
  files: Readonly<Record<string, MadeUpFile>> = {},
  options: object = {},
) => {
  const text =
    typeof manifest === 'string'
      ? manifest
      : JSON.stringify({ id: 'pond', title: 'Pond', runtime: 'linux', entry: 'pond', ...manifest });
  const build = madeUpBuild({ 'rockpool.json': text, ...files });
  return checkBuild(build, { architectures: ['x64'], ...options });
};

const program = (content: string | Uint8Array) => ({ program: content });

describe('checkBuild', () => {
  it('finds nothing wrong with a program, a script and a page', async () => {
    for (const [manifest, files] of [
      [{}, { pond: program(elf()) }],
      [{}, { pond: program(elf({ type: 2, interpreter: '' })) }],
      [{}, { pond: program('#!/bin/sh\n') }],
      [{}, { pond: program('#!/usr/bin/env bash\n') }],
      [{ packages: ['python3'] }, { pond: program('#!/usr/bin/python3\n') }],
      [{ entry: '/usr/bin/python3', packages: ['python3'] }, {}],
      [{ runtime: 'web', entry: 'index.html' }, { 'index.html': '' }],
    ] as const) {
      const report = await check(manifest, files);
      expect(report.problems).toEqual([]);
      expect(report.manifest).toMatchObject({ id: 'pond' });
      expect(buildReportSchema.parse(report)).toEqual(report);
    }
  });

  it.each<[string, object, Readonly<Record<string, MadeUpFile>>, RegExp, RegExp]>([
    ['a missing entry', {}, {}, /no file pond/, /Put it there/],
    ['another case', {}, { Pond: program(elf()) }, /no file pond/, /write "Pond"/],
    ['another machine', {}, { pond: program(elf({ machine: 183 })) }, /arm64/, /for x64/],
    ['32 bits', {}, { pond: program(elf({ machine: 3 })) }, /ia32/, /for x64/],
    [
      'Alpine',
      {},
      { pond: program(elf({ interpreter: '/lib/ld-musl-x86_64.so.1' })) },
      /musl/,
      /Alpine/,
    ],
    ['Windows', {}, { pond: program('MZ\x90') }, /Windows/, /Linux, or for the web/],
    ['macOS', {}, { pond: program(Buffer.from('cffaedfe', 'hex')) }, /macOS/, /Linux/],
    ['no program', {}, { pond: program('hello') }, /neither/, /#!/],
    [
      'an interpreter nobody has',
      {},
      { pond: program('#!/usr/bin/python3\n') },
      /python3/,
      /packages/,
    ],
    ['one by env', {}, { pond: program('#!/usr/bin/env node\n') }, /needs node/, /"nodejs"/],
    ['one by a short path', {}, { pond: program('#!sh\n') }, /"sh"/, /whole path/],
    [
      'one that the build lacks',
      {},
      { pond: program('#!/game/lua\n') },
      /\/game\/lua/,
      /file of the build/,
    ],
    ['lines of Windows', {}, { pond: program('#!/bin/sh\r\n') }, /CR LF/, /LF/],
    ['no right to run', {}, { pond: elf() }, /may not be run/, /chmod \+x pond/],
    ['a page outside', { runtime: 'web', entry: '/usr/x' }, {}, /outside the build/, /index\.html/],
    ['a program of the system', { entry: '/usr/bin/love' }, {}, /love/, /packages/],
    [
      'a missing cover',
      { cover: 'Cover.png' },
      { pond: program(elf()), 'cover.png': '' },
      /no file Cover/,
      /"cover.png"/,
    ],
    [
      'a missing folder',
      { workingFolder: 'bin' },
      { pond: program(elf()) },
      /no folder bin/,
      /case/,
    ],
  ])('says what is wrong with %s, and what to do', async (_name, manifest, files, what, remedy) => {
    const { problems } = await check(manifest, files);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.what).toMatch(what);
    expect(problems[0]?.remedy).toMatch(remedy);
  });

  it('names each field of a bad manifest, and reads none of a newer one', async () => {
    const bad = await check({ id: 'Pond', frameRate: 0 });
    expect(bad.manifest).toBeUndefined();
    expect(bad.problems.map(({ what }) => what.split(':')[0])).toEqual(['id', 'frameRate']);
    const newer = await check({ manifestVersion: 2, spell: 'new' });
    expect(newer.problems).toMatchObject([{ what: expect.stringContaining('update Rockpool') }]);
    expect((await check('{')).problems[0]?.what).toContain('not JSON');
    expect((await check({ manifestVersion: 1 }, { pond: program(elf()) })).problems).toEqual([]);
  });

  it('refuses the id of a game that is taken', async () => {
    const { problems } = await check({}, { pond: program(elf()) }, { takenIds: new Set(['pond']) });
    expect(problems[0]?.what).toContain('"pond" is the id of a game');
  });

  it('finds an entry through a link to a folder', async () => {
    const build = madeUpBuild({
      'rockpool.json': '{"id":"pond","title":"Pond","runtime":"linux","entry":"now/bin/pond"}',
      'versions/2/bin/pond': program('#!/bin/sh\n'),
      'now/bin/pond': program('#!/bin/sh\n'),
    });
    const link = { kind: 'link', bytes: 0, runs: false, target: 'versions/2', leadsTo: 'folder' };
    const files = [
      ...build.files.filter(({ path }) => !path.startsWith('now/')),
      { ...link, path: 'now' } as BuildFile,
    ];
    const { problems } = await checkBuild({ ...build, files }, { architectures: ['x64'] });
    expect(problems).toEqual([]);
  });

  it('makes an entry a program where the files are its own', async () => {
    const made: string[] = [];
    const build = madeUpBuild({
      'rockpool.json': '{"id":"pond","title":"Pond","runtime":"linux","entry":"pond"}',
      pond: elf(),
    });
    const makeRun = async (path: string) => void made.push(path);
    const report = await checkBuild({ ...build, makeRun }, { architectures: ['x64'] });
    expect(report.problems).toEqual([]);
    expect(report.notes).toEqual(['pond was not marked as a program, and is now.']);
    expect(made).toEqual(['pond']);
  });

  it('finds names in a folder that no archive of it could bring', async () => {
    const { problems } = await check(
      {},
      { pond: program(elf()), 'Data/a': '', 'data/b': '', 'back\\slash': '' },
    );
    expect(problems.map(({ path }) => path)).toEqual(['data/b', 'back\\slash']);
  });
});
