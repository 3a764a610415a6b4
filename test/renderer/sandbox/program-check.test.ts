import { chmod, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readElfHeader } from '../../../protocol/elf-header.ts';
import {
  checkEntry,
  explainExit,
  listMissingLibraries,
} from '../../../renderer/sandbox/program-check.ts';
import { describeWithSandbox, HostileBuilds, sandboxProblem } from '../../support/hostile-build.ts';

const problem = await sandboxProblem();
const native = await readFile('/usr/bin/true');
const builds = new HostileBuilds();
afterEach(() => builds.close());

/** A real program whose header says another machine. */
function forMachine(machine: number): Buffer {
  const program = Buffer.from(native);
  program.writeUInt16LE(machine, 18);
  return program;
}

/** The same program asking for a library, or loader, of another name as long. */
function asking(name: string, instead: string): Buffer {
  const program = Buffer.from(native);
  const at = program.indexOf(`${name}\0`, 0, 'latin1');
  expect(at).toBeGreaterThan(0);
  program.write(instead, at, 'latin1');
  return program;
}

async function check(content: string | Uint8Array, mode = 0o755): Promise<void> {
  const buildFolder = await builds.build({ 'bin/game': content });
  await chmod(join(buildFolder, 'bin/game'), mode);
  await checkEntry({ command: '/game/bin/game', buildFolder });
}

describe('the check of an entry', () => {
  it('takes programs of this machine and scripts with an interpreter', async () => {
    await check(native);
    await check('#!/bin/sh -e\necho\n');
    await checkEntry({ command: '/usr/bin/true', buildFolder: await builds.build({}) });
  });

  it('names a file that the build lacks', async () => {
    const buildFolder = await builds.build({ other: '' });
    await expect(checkEntry({ command: '/game/bin/game', buildFolder })).rejects.toMatchObject({
      code: 'bad-manifest',
      message: expect.stringContaining('no file "bin/game"'),
    });
  });

  it('names a program that the machine lacks', async () => {
    const buildFolder = await builds.build({});
    await expect(checkEntry({ command: '/usr/games/none', buildFolder })).rejects.toMatchObject({
      code: 'missing-package',
      message: expect.stringContaining('"/usr/games/none"'),
    });
  });

  it('takes no entry that a link leads out of the build', async () => {
    const buildFolder = await builds.build({});
    await symlink('/etc/passwd', join(buildFolder, 'game'));
    await expect(checkEntry({ command: '/game/game', buildFolder })).rejects.toMatchObject({
      code: 'bad-manifest',
    });
  });

  it('says how to make a file executable, and readable for the session', async () => {
    await expect(check(native, 0o644)).rejects.toMatchObject({
      code: 'bad-manifest',
      message: expect.stringContaining('chmod +x'),
    });
    if (process.geteuid?.() !== 0) return;
    await expect(check(native, 0o700)).rejects.toMatchObject({
      code: 'bad-manifest',
      message: expect.stringContaining('chmod -R a+rX'),
    });
  });

  it.skipIf(process.geteuid?.() !== 0)(
    'says how to open the folders of a build to the session, as root, which gives it another user',
    async () => {
      for (const closed of ['', 'bin']) {
        const buildFolder = await builds.build({ 'bin/game': native });
        await chmod(join(buildFolder, closed), 0o700);
        await expect(checkEntry({ command: '/game/bin/game', buildFolder })).rejects.toMatchObject({
          code: 'bad-manifest',
          message: expect.stringMatching(/^A folder of the build .*chmod -R a\+rX/),
        });
      }
      const buildFolder = await builds.build({});
      await chmod(buildFolder, 0o700);
      await expect(checkEntry({ command: '/usr/bin/true', buildFolder })).rejects.toThrow('chmod');
    },
  );

  it('names both machines when the program is for another one', async () => {
    const [machine, name] = process.arch === 'arm64' ? [62, 'x64'] : [183, 'arm64'];
    await expect(check(forMachine(machine ?? 0))).rejects.toMatchObject({
      code: 'bad-manifest',
      message: `"bin/game" is a program for ${name}, and this machine is ${process.arch}: upload a build for ${process.arch}.`,
    });
    await expect(check(forMachine(9999))).rejects.toThrow('machine 9999');
  });

  it('names a missing interpreter or loader', async () => {
    await expect(check('#!/usr/bin/none -x\n')).rejects.toMatchObject({
      code: 'missing-package',
      message: expect.stringContaining('its interpreter /usr/bin/none'),
    });
    const loader = readElfHeader(native.subarray(0, 4096))?.interpreter ?? '';
    const other = loader.replace(/.$/, '9');
    await expect(check(asking(loader, other))).rejects.toMatchObject({
      code: 'missing-package',
      message: expect.stringContaining(`the loader ${other}`),
    });
  });

  it('knows scripts written on Windows, and files that are no programs', async () => {
    await expect(check('#!/bin/sh\r\necho\r\n')).rejects.toThrow('CR LF');
    await expect(check('MZ\x90\0')).rejects.toThrow('neither a program for Linux nor a script');
    await expect(check('')).rejects.toThrow('neither a program for Linux nor a script');
    await expect(check(native.subarray(0, 64))).resolves.toBeUndefined();
  });
});

describe('an ELF header', () => {
  it('of any bytes is read without a throw', () => {
    for (let length = 0; length < 512; length++) {
      const head = Buffer.from(native.subarray(0, length));
      head.fill(0xff, Math.min(length, 20));
      expect(() => readElfHeader(head)).not.toThrow();
    }
  });
});

describeWithSandbox('a program that does not run', problem, () => {
  it('for want of libraries is explained by their names', async () => {
    const buildFolder = await builds.build({ game: asking('libc.so.6', 'libx.so.9') });
    const order = { ...(await builds.order('')), command: '/game/game', args: [], buildFolder };
    await checkEntry(order);
    expect(await listMissingLibraries(order)).toContain('libx.so.9');
    expect(await listMissingLibraries({ ...order, command: '/usr/bin/true' })).toEqual([]);
    const sandbox = await builds.open(order);
    await sandbox.start();
    const error = explainExit(order, await sandbox.exited, sandbox.logTail());
    expect(error.code).toBe('missing-package');
    expect(error.message).toContain('The game needs libx.so.9, which this machine does not have');
    // Further lines of such an error are what to run on the machine.
    expect(error.message).not.toContain('\n');
  });

  it('as far as it should is explained by its end and its last words', async () => {
    const order = await builds.order(
      'import sys; print("\\x1b[31mno level 7\\x1b[0m"); sys.exit(3)',
    );
    const sandbox = await builds.open(order);
    await sandbox.start();
    const error = explainExit(order, await sandbox.exited, sandbox.logTail());
    expect(error.code).toBe('game-failed');
    expect(error.message).toBe(
      'The game ended with code 3.\nThe last it wrote:\n[31mno level 7[0m',
    );
  });
});

describe('the end of a program', () => {
  it('in good order is one before its window', async () => {
    const error = explainExit(await builds.order(''), { kind: 'exit', code: 0 }, 'Bye.\n');
    expect(error).toMatchObject({
      code: 'game-failed',
      message: 'The game ended without having shown a window.\nThe last it wrote:\nBye.',
    });
  });

  it('at a limit names the limit and where to raise it', async () => {
    const order = await builds.order('');
    for (const [limit, field] of [
      ['memory', 'limits.memoryMib'],
      ['processes', 'limits.processes'],
      ['disk', 'limits.diskMib'],
    ] as const) {
      const error = explainExit(order, { kind: 'limit', limit }, '');
      expect(error.code).toBe('resource-limit');
      expect(error.message).toContain(field);
    }
  });
});
