import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  packEvents,
  UI_ABS_SETUP,
  UI_BEGIN_FF_ERASE,
  UI_BEGIN_FF_UPLOAD,
  UI_DEV_CREATE,
  UI_DEV_SETUP,
  UI_END_FF_ERASE,
  UI_END_FF_UPLOAD,
} from '../../../../renderer/desktop/input/uinput-layout.ts';
import {
  findPads,
  type PadMachine,
  UinputPads,
} from '../../../../renderer/desktop/input/uinput-pads.ts';
import type { Rumble } from '../../../../renderer/game-runtime.ts';
import { type FakeDevice, FakeUinput } from '../../../support/fake-uinput.ts';

const SYN = '0 0 0';
const EV_FF = 0x15;
const EV_UINPUT = 0x0101;
const EINVAL = -22;

let sysfs: string;
let kernel: FakeUinput;
let machine: PadMachine;

beforeEach(async () => {
  sysfs = await mkdtemp(join(tmpdir(), 'uinput-'));
  for (const pad of [0, 1, 2, 3]) {
    for (const entry of [`event${20 + pad}`, `js${pad}`, 'capabilities']) {
      await mkdir(join(sysfs, `input${pad}`, entry), { recursive: true });
    }
  }
  kernel = new FakeUinput();
  machine = { path: '/dev/uinput', openDevice: kernel.open, sysfs };
});

afterEach(() => rm(sysfs, { recursive: true }));

async function pads(players = 1) {
  const rumbles: Rumble[] = [];
  const opened = await UinputPads.open(players, (rumble) => rumbles.push(rumble), machine);
  return { pads: opened, rumbles };
}

function deviceOf(pad: number): FakeDevice {
  const device = kernel.devices[pad];
  if (!device) throw new Error(`no device ${pad}`);
  return device;
}

/** `struct uinput_ff_upload` as the kernel fills it in. */
function upload(id: number, type: number, lengthMs: number, strong: number, weak: number): Buffer {
  const bytes = Buffer.alloc(104);
  bytes.writeUInt16LE(type, 8);
  bytes.writeInt16LE(id, 10);
  bytes.writeUInt16LE(lengthMs, 18);
  bytes.writeUInt16LE(strong, 24);
  bytes.writeUInt16LE(weak, 26);
  return bytes;
}

/** Lets promises that are already resolved run on. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** The game uploads an effect; resolves to what the kernel was answered. */
async function uploadEffect(device: FakeDevice, effect: Buffer): Promise<number | undefined> {
  device.answer(UI_BEGIN_FF_UPLOAD, effect);
  device.say(packEvents([{ type: EV_UINPUT, code: 1, value: 77 }]));
  await settled();
  const end = device.ioctls.findLast(({ request }) => request === UI_END_FF_UPLOAD)?.argument;
  return end instanceof Uint8Array ? Buffer.from(end).readInt32LE(4) : undefined;
}

describe('virtual gamepads', () => {
  it('show as a wired Xbox 360 pad, and tell the files that a game opens', async () => {
    const { pads: two } = await pads(2);
    const { ioctls } = deviceOf(1);
    const setup = ioctls.find(({ request }) => request === UI_DEV_SETUP)?.argument;
    const bytes = Buffer.from(setup as Uint8Array);
    expect(bytes).toHaveLength(92);
    expect([0, 2, 4].map((at) => bytes.readUInt16LE(at))).toEqual([3, 0x045e, 0x028e]);
    expect(bytes.toString('latin1', 8, 32)).toBe('Microsoft X-Box 360 pad\0');
    const axes = ioctls.filter(({ request }) => request === UI_ABS_SETUP);
    expect(axes).toHaveLength(8);
    const leftX = Buffer.from(axes[0]?.argument as Uint8Array);
    expect([leftX.length, leftX.readInt32LE(8), leftX.readInt32LE(12)]).toEqual([
      28, -32768, 32767,
    ]);
    expect(ioctls.findIndex(({ request }) => request === UI_DEV_CREATE)).toBe(ioctls.length - 2);
    expect(two.nodes).toEqual([
      '/dev/input/event20',
      '/dev/input/js0',
      '/dev/input/event21',
      '/dev/input/js1',
    ]);
  });

  it('report buttons, sticks, triggers and the d-pad as that pad does', async () => {
    const { pads: one } = await pads();
    const device = deviceOf(0);
    const press = (button: number, down: boolean) =>
      one.handle({ type: 'pad-button', seq: 1, pad: 0, button, down });
    press(0, true);
    press(0, false);
    press(12, true);
    press(15, true);
    press(12, false);
    one.handle({ type: 'pad-state', pad: 0, axes: [1, -1, 0, 0.5], triggers: [0, 1] });
    expect(device.takeReports()).toEqual([
      ['1 304 1', SYN],
      ['1 304 0', SYN],
      ['3 17 -1', SYN],
      ['3 16 1', SYN],
      ['3 17 0', SYN],
      ['3 0 32767', '3 1 -32767', '3 4 16384', '3 5 255', SYN],
    ]);
  });

  it('report nothing where nothing changed', async () => {
    const { pads: one } = await pads();
    const still = { type: 'pad-state', pad: 0, axes: [0.5, 0, 0, 0], triggers: [0, 0] } as const;
    one.handle(still);
    one.handle(still);
    one.handle({ type: 'pad-button', seq: 1, pad: 0, button: 6, down: true });
    expect(deviceOf(0).takeReports()).toEqual([['3 0 16384', SYN]]);
  });

  it('keep the number of each player, and ignore players the game does not have', async () => {
    const { pads: two } = await pads(2);
    for (const pad of [1, 3])
      two.handle({ type: 'pad-button', seq: 1, pad, button: 1, down: true });
    expect(deviceOf(0).takeReports()).toEqual([]);
    expect(deviceOf(1).takeReports()).toEqual([['1 305 1', SYN]]);
  });

  it('come to rest when everything is released or the player unplugs', async () => {
    const { pads: one } = await pads();
    const device = deviceOf(0);
    one.handle({ type: 'pad-button', seq: 1, pad: 0, button: 13, down: true });
    one.handle({ type: 'pad-button', seq: 2, pad: 0, button: 3, down: true });
    one.handle({ type: 'pad-state', pad: 0, axes: [0, 0, 1, 0], triggers: [1, 0] });
    device.takeReports();
    one.releaseAll();
    expect(device.takeReports()).toEqual([['1 308 0', '3 3 0', '3 2 0', '3 17 0', SYN]]);
    one.handle({ type: 'pad-disconnected', seq: 3, pad: 0 });
    expect(device.takeReports()).toEqual([]);
  });

  it('rumble as the game asks', async () => {
    const { rumbles } = await pads(2);
    const device = deviceOf(1);
    expect(await uploadEffect(device, upload(4, 0x50, 250, 0xffff, 0))).toBe(0);
    device.say(packEvents([{ type: EV_FF, code: 4, value: 1 }]));
    device.say(packEvents([{ type: EV_FF, code: 4, value: 0 }]));
    expect(rumbles).toEqual([
      { pad: 1, strong: 1, weak: 0, durationMs: 250 },
      { pad: 1, strong: 0, weak: 0, durationMs: 0 },
    ]);
  });

  it('rumble without an end for as long as a browser is told at most, at the gain of the game', async () => {
    const { rumbles } = await pads();
    const device = deviceOf(0);
    await uploadEffect(device, upload(0, 0x50, 0, 0, 0xffff));
    device.say(
      packEvents([
        { type: EV_FF, code: 0x60, value: 0x3333 },
        { type: EV_FF, code: 0, value: 1 },
      ]),
    );
    expect(rumbles).toEqual([{ pad: 0, strong: 0, weak: 0.2, durationMs: 5000 }]);
  });

  it('refuse effects that no pad of a browser has, and forget what the game erases', async () => {
    const { rumbles } = await pads();
    const device = deviceOf(0);
    expect(await uploadEffect(device, upload(1, 0x52, 100, 1, 1))).toBe(EINVAL);
    await uploadEffect(device, upload(2, 0x50, 100, 1, 1));
    const erase = Buffer.alloc(12);
    erase.writeUInt32LE(2, 8);
    device.answer(UI_BEGIN_FF_ERASE, erase);
    device.say(packEvents([{ type: EV_UINPUT, code: 2, value: 78 }]));
    await settled();
    expect(device.ioctls.at(-1)?.request).toBe(UI_END_FF_ERASE);
    for (const code of [1, 2]) device.say(packEvents([{ type: EV_FF, code, value: 1 }]));
    expect(rumbles).toEqual([]);
  });

  it('are all unplugged when one of them cannot be made', async () => {
    kernel.refused = UI_DEV_CREATE;
    await expect(pads(2)).rejects.toThrow('refused');
    expect(kernel.devices.map(({ closed }) => closed)).toEqual([1]);
  });

  it('are unplugged once, and silent from then on', async () => {
    const { pads: one } = await pads();
    await Promise.all([one.close(), one.close()]);
    one.handle({ type: 'pad-button', seq: 1, pad: 0, button: 0, down: true });
    expect(deviceOf(0).closed).toBe(1);
    expect(deviceOf(0).takeReports()).toEqual([]);
  });
});

describe('what a machine has for pads', () => {
  it('is uinput where it opens and is new enough', async () => {
    expect(await findPads(machine)).toEqual({ kind: 'uinput' });
    expect(deviceOf(0).closed).toBe(1);
  });

  it('is the mapping where the kernel is too old', async () => {
    kernel.version = 4;
    expect(await findPads(machine)).toMatchObject({ kind: 'mapping', reason: /Linux 4\.5/ });
    expect(deviceOf(0).closed).toBe(1);
  });

  it('is the mapping, with the reason, where it cannot be opened', async () => {
    const openDevice = async () => {
      throw new Error('/dev/uinput cannot be opened: EACCES.');
    };
    expect(await findPads({ ...machine, openDevice })).toEqual({
      kind: 'mapping',
      reason: '/dev/uinput cannot be opened: EACCES.',
    });
  });
});
