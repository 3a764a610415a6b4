import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PerlDevice } from '../../../../renderer/desktop/input/perl-device.ts';

/** How many bytes wait to be read: an ioctl that pipes have, too (asm-generic/ioctls.h). */
const FIONREAD = 0x541b;
/** Not one of a pipe's. */
const TIOCGWINSZ = 0x5413;

const missing = ['perl', 'mkfifo'].filter(
  (program) => spawnSync(program, ['--version']).error !== undefined,
);
const name = `a device held by Perl${missing.length > 0 ? ` (needs ${missing.join(', ')})` : ''}`;

// A named pipe stands in for a device: it is opened, written, read and takes ioctls the same way.
describe.skipIf(missing.length > 0)(name, () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'perl-device-'));
    path = join(folder, 'device');
    spawnSync('mkfifo', [path]);
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('writes what it is told and hands on what it reads', async () => {
    const sent = Uint8Array.from({ length: 3000 }, (_, i) => i % 251);
    const read: number[] = [];
    let handleAll = () => {};
    const all = new Promise<void>((resolve) => {
      handleAll = resolve;
    });
    const device = await PerlDevice.open(path, (bytes) => {
      read.push(...bytes);
      if (read.length === sent.length) handleAll();
    });
    device.write(sent.subarray(0, 1000));
    device.write(sent.subarray(1000));
    await all;
    expect(read).toEqual([...sent]);
    await device.close();
  });

  it('gives an ioctl a buffer and gives it back as the kernel left it', async () => {
    const device = await PerlDevice.open(path, () => undefined);
    expect([...(await device.ioctl(FIONREAD, new Uint8Array([9, 9, 9, 9])))]).toEqual([0, 0, 0, 0]);
    await device.close();
  });

  it('says why the kernel refused an ioctl, and goes on', async () => {
    const device = await PerlDevice.open(path, () => undefined);
    const refused = device.ioctl(TIOCGWINSZ, new Uint8Array(8));
    const taken = device.ioctl(FIONREAD, new Uint8Array(4));
    await expect(refused).rejects.toThrow('refuses 0x5413: ENOTTY');
    expect(await taken).toHaveLength(4);
    await expect(device.ioctl(TIOCGWINSZ, 1)).rejects.toThrow('ENOTTY');
    await device.close();
  });

  it('says why a device cannot be opened', async () => {
    await expect(PerlDevice.open(join(folder, 'none'), () => undefined)).rejects.toMatchObject({
      code: 'missing-package',
      message: expect.stringMatching(/none cannot be opened: ENOENT/),
    });
  });

  it('asks for Perl where there is none', async () => {
    const opening = PerlDevice.open(path, () => undefined, join(folder, 'no-perl'));
    await expect(opening).rejects.toMatchObject({
      code: 'missing-package',
      message: expect.stringMatching(/install perl-base/),
    });
  });

  it('ends its process when closed, and refuses ioctls from then on', async () => {
    const device = await PerlDevice.open(path, () => undefined);
    await Promise.all([device.close(), device.close()]);
    device.write(new Uint8Array(1));
    await expect(device.ioctl(FIONREAD, new Uint8Array(4))).rejects.toThrow(/closed/);
  });
});
