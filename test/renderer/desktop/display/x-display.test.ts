import { spawn } from 'node:child_process';
import { existsSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { writeAuthority } from '../../../../renderer/desktop/display/x-authority.ts';
import { XConnection } from '../../../../renderer/desktop/display/x-connection.ts';
import { openDisplay, type XDisplay } from '../../../../renderer/desktop/display/x-display.ts';
import { temporaryFolder } from '../../../support/rockpool-process.ts';
import { XProgram } from '../../../support/x-program.ts';
import { describeWithXvfb, eventually, serversOf, whyNoXvfb } from '../../../support/xvfb.ts';

const HD = { width: 1280, height: 720 };
const SMALL = { width: 640, height: 360 };
const GREEN = 0x00ff00;

const missing = await whyNoXvfb();
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function folder(): string {
  const { path, remove } = temporaryFolder();
  cleanups.push(remove);
  return path;
}

async function display(resolution = HD): Promise<XDisplay> {
  const opened = await openDisplay({ resolution, folder: folder() });
  cleanups.push(() => opened.close());
  return opened;
}

async function program(on: XDisplay): Promise<XProgram> {
  const opened = await XProgram.open(on);
  cleanups.push(() => opened.close());
  return opened;
}

function serverOf({ authorityFile }: XDisplay): number {
  const [pid, ...others] = serversOf(authorityFile);
  expect(others).toEqual([]);
  return pid ?? Number.NaN;
}

const sizeOf = async (of: XProgram) => (await of.geometry(of.root)).slice(2);

describeWithXvfb('X display', missing, () => {
  it('has the size it was asked for, and another when it is resized', async () => {
    const opened = await display();
    const one = await program(opened);
    expect(await sizeOf(one)).toEqual([1280, 720]);
    await opened.resize(SMALL);
    expect(await sizeOf(one)).toEqual([640, 360]);
    await opened.resize({ width: 1920, height: 1080 });
    expect(await sizeOf(one)).toEqual([1920, 1080]);
    await opened.resize(SMALL);
    expect(await sizeOf(one)).toEqual([640, 360]);
  });

  it('changes once, so that what windows show after it stays', async () => {
    const opened = await display();
    const one = await program(opened);
    const window = await one.map({ ...HD, overrideRedirect: true });
    for (const size of [SMALL, HD, SMALL]) {
      await opened.resize(size);
      one.fill(window, GREEN, 0, 0, 1, 1);
      expect(await one.pixel(window, 0, 0)).toBe(GREEN);
      // Changes follow one another: this one is done after any that was still due.
      await opened.resize(size);
      expect(await one.pixel(window, 0, 0)).toBe(GREEN);
    }
  });

  it('has the size of a build that is larger than a session may ask for, and smaller ones', async () => {
    const opened = await display({ width: 3840, height: 2160 });
    const one = await program(opened);
    expect(await sizeOf(one)).toEqual([3840, 2160]);
    await opened.resize(SMALL);
    expect(await sizeOf(one)).toEqual([640, 360]);
    const tall = await display({ width: 800, height: 2000 });
    expect(await sizeOf(await program(tall))).toEqual([800, 2000]);
  });

  it('refuses a size that no session may have, and goes on', async () => {
    const opened = await display();
    await expect(opened.resize({ width: 3840, height: 2160 })).rejects.toMatchObject({
      code: 'game-failed',
    });
    await opened.resize(SMALL);
    expect(await sizeOf(await program(opened))).toEqual([640, 360]);
  });

  it('keeps its size when a program chooses another', async () => {
    const opened = await display();
    const one = await program(opened);
    const sizes: number[] = [];
    const randr = await new Promise<import('x11').XRandr>((resolve) =>
      one.client.require('randr', (_, extension) => resolve(extension)),
    );
    randr.SelectInput(one.root, 1);
    const back = new Promise<void>((resolve) => {
      one.client.on('event', (event) => {
        if (event.name !== 'RRScreenChangeNotify') return;
        sizes.push(event.width);
        if (sizes.includes(1920) && event.width === 1280) resolve();
      });
    });
    randr.SetScreenSize(one.root, 1920, 1080, 508, 286);
    await back;
    expect(await sizeOf(one)).toEqual([1280, 720]);
  });

  it('lets nobody in without its authority file', async () => {
    const opened = await display();
    const stranger = `${folder()}/Xauthority`;
    await writeAuthority(stranger);
    const attempt = XConnection.open({
      display: opened.name,
      authorityFile: stranger,
      handleFailure: () => expect.unreachable(),
    });
    await expect(attempt).rejects.toMatchObject({ code: 'game-failed' });
    expect(statSync(opened.authorityFile).mode & 0o777).toBe(0o600);
  });

  it('stands beside others', async () => {
    const [one, two] = await Promise.all([display(), display(SMALL)]);
    expect(one.name).not.toBe(two.name);
    expect(await sizeOf(await program(one))).toEqual([1280, 720]);
    expect(await sizeOf(await program(two))).toEqual([640, 360]);
  });

  it('leaves no process, socket or lock when it is closed, twice too', async () => {
    const opened = await display();
    const number = opened.name.slice(1);
    expect(existsSync(opened.socketPath)).toBe(true);
    serverOf(opened);
    await program(opened);
    await Promise.all([opened.close(), opened.close()]);
    expect(await opened.exited).toBeUndefined();
    expect(serversOf(opened.authorityFile)).toEqual([]);
    expect(existsSync(opened.socketPath)).toBe(false);
    expect(existsSync(`/tmp/.X${number}-lock`)).toBe(false);
  });

  it('says so when its server dies, and still clears up', async () => {
    const opened = await display();
    process.kill(serverOf(opened), 'SIGKILL');
    expect(await opened.exited).toMatchObject({ code: 'game-failed' });
    expect((await opened.exited)?.message).toContain('SIGKILL');
    expect(existsSync(opened.socketPath)).toBe(true);
    await opened.close();
    expect(existsSync(opened.socketPath)).toBe(false);
  });

  it('kills a server that does not end when it is asked to', async () => {
    const opened = await openDisplay({
      resolution: SMALL,
      folder: folder(),
      // The only timer that is left to run is that of the grace.
      scheduler: {
        after: (delayMs, task) => {
          if (delayMs < 5000) setImmediate(task);
          return () => {};
        },
      },
    });
    process.kill(serverOf(opened), 'SIGSTOP');
    await opened.close();
    expect(serversOf(opened.authorityFile)).toEqual([]);
    expect(existsSync(opened.socketPath)).toBe(false);
  });

  it.each([
    [
      'that is killed',
      (at: string) => `
      import { openDisplay } from './renderer/desktop/display/x-display.ts';
      await openDisplay({ resolution: { width: 512, height: 288 }, folder: ${JSON.stringify(at)} });`,
    ],
    [
      'that is killed before it is a client',
      (at: string) => `
      import { writeAuthority } from './renderer/desktop/display/x-authority.ts';
      import { XvfbProcess } from './renderer/desktop/display/xvfb-process.ts';
      import { systemScheduler } from './renderer/clock.ts';
      const authorityFile = ${JSON.stringify(`${at}/Xauthority`)};
      const number = 20_000 + (process.pid % 10_000);
      await writeAuthority(authorityFile);
      const largest = { width: 512, height: 288 };
      const options = { number, authorityFile, largest, ownMemory: false, frameRate: 60 };
      await new XvfbProcess(options, systemScheduler).started();`,
    ],
  ])('does not outlive an owner %s', async (_, scriptIn) => {
    const at = folder();
    const script = `${scriptIn(at)}
      process.stdout.write('open');
      setInterval(() => {}, 1000);`;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
    const owner = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => owner.stdout.once('data', resolve));
    const [server = 0] = serversOf(`${at}/Xauthority`);
    expect(server).toBeGreaterThan(0);
    owner.kill('SIGKILL');
    await eventually(() => serversOf(`${at}/Xauthority`)).toEqual([]);
  });
});

describe('X display without Xvfb', () => {
  it('names the Debian package where all else is there', async () => {
    const programs = folder();
    for (const name of ['setpriv', 'unshare']) {
      symlinkSync(`/usr/bin/${name}`, join(programs, name));
    }
    vi.stubEnv('PATH', programs);
    const opening = openDisplay({ resolution: HD, folder: folder() });
    await expect(opening).rejects.toMatchObject({ code: 'missing-package' });
  });

  it('names the Debian package', async () => {
    vi.stubEnv('PATH', '/nonexistent');
    const opening = openDisplay({ resolution: HD, folder: folder() });
    await expect(opening).rejects.toMatchObject({ code: 'missing-package' });
    await expect(opening).rejects.toThrow(/xvfb/);
  });
});
