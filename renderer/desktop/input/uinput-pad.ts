import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rumble } from '../../game-runtime.ts';
import type { DeviceFile, OpenDevice } from './device-file.ts';
import { PadRumble } from './pad-rumble.ts';
import {
  type AbsoluteAxis,
  type DeviceIdentity,
  EV_ABS,
  EV_FF,
  EV_KEY,
  EV_SYN,
  FF_GAIN,
  FF_RUMBLE,
  type InputEvent,
  packAxis,
  packEvents,
  packSetup,
  SYSNAME_BYTES,
  UI_ABS_SETUP,
  UI_DEV_CREATE,
  UI_DEV_SETUP,
  UI_GET_SYSNAME,
  UI_SET_ABSBIT,
  UI_SET_EVBIT,
  UI_SET_FFBIT,
  UI_SET_KEYBIT,
  unpackEvents,
} from './uinput-layout.ts';

/** As the kernel's own driver (xpad) shows a wired Xbox 360 pad: every game's first choice. */
const IDENTITY: DeviceIdentity = {
  vendor: 0x045e,
  product: 0x028e,
  version: 0x0114,
  name: 'Microsoft X-Box 360 pad',
  effects: 16,
};

/** Kernel key of each button of the W3C standard gamepad; triggers and d-pad are axes. */
const KEYS: ReadonlyMap<number, number> = new Map([
  [0, 0x130],
  [1, 0x131],
  [2, 0x133],
  [3, 0x134],
  [4, 0x136],
  [5, 0x137],
  [8, 0x13a],
  [9, 0x13b],
  [10, 0x13d],
  [11, 0x13e],
  [16, 0x13c],
]);

const ABS_X = 0;
const ABS_Y = 1;
const ABS_Z = 2;
const ABS_RX = 3;
const ABS_RY = 4;
const ABS_RZ = 5;
const ABS_HAT0X = 16;
const ABS_HAT0Y = 17;

const STICK_MAX = 32_767;
const TRIGGER_MAX = 255;
const STICKS = [ABS_X, ABS_Y, ABS_RX, ABS_RY] as const;
const TRIGGERS = [ABS_Z, ABS_RZ] as const;

const AXES: readonly AbsoluteAxis[] = [
  ...STICKS.map((code) => ({ code, min: -STICK_MAX - 1, max: STICK_MAX, fuzz: 16, flat: 128 })),
  ...TRIGGERS.map((code) => ({ code, min: 0, max: TRIGGER_MAX, fuzz: 0, flat: 0 })),
  { code: ABS_HAT0X, min: -1, max: 1, fuzz: 0, flat: 0 },
  { code: ABS_HAT0Y, min: -1, max: 1, fuzz: 0, flat: 0 },
];

/** Buttons of the d-pad: axis and direction. */
const HAT: ReadonlyMap<number, readonly [axis: number, direction: number]> = new Map([
  [12, [ABS_HAT0Y, -1]],
  [13, [ABS_HAT0Y, 1]],
  [14, [ABS_HAT0X, -1]],
  [15, [ABS_HAT0X, 1]],
]);

const SYN: InputEvent = { type: EV_SYN, code: 0, value: 0 };

export interface UinputPadOptions {
  readonly pad: number;
  readonly path: string;
  readonly openDevice: OpenDevice;
  /** Where the kernel lists virtual input devices. */
  readonly sysfs: string;
  readonly handleRumble: (rumble: Rumble) => void;
}

/** One gamepad that the kernel shows to every program of this machine. */
export class UinputPad {
  /** Files of the pad for the game's sandbox, such as `/dev/input/event7`. */
  readonly nodes: readonly string[];
  readonly #device: DeviceFile;
  readonly #rumble: PadRumble;
  /** What the kernel was told last, by type and code. */
  readonly #values = new Map<number, number>();
  readonly #hatDown = new Set<number>();

  private constructor(device: DeviceFile, rumble: PadRumble, nodes: readonly string[]) {
    this.#device = device;
    this.#rumble = rumble;
    this.nodes = nodes;
  }

  /** @throws RockpoolError where the device cannot be opened or refuses to become a gamepad. */
  static async create(options: UinputPadOptions): Promise<UinputPad> {
    const rumble = new PadRumble(options.pad, options.handleRumble);
    const device = await options.openDevice(options.path, (bytes) => {
      for (const event of unpackEvents(bytes)) rumble.handle(event);
    });
    try {
      await setUp(device);
      rumble.attach(device);
      return new UinputPad(device, rumble, await nodesOf(device, options.sysfs));
    } catch (error) {
      await device.close();
      throw error;
    }
  }

  /** @param button W3C standard gamepad index. */
  setButton(button: number, down: boolean): void {
    const key = KEYS.get(button);
    if (key !== undefined) {
      this.#send([{ type: EV_KEY, code: key, value: down ? 1 : 0 }]);
      return;
    }
    if (!HAT.has(button)) return;
    if (down) this.#hatDown.add(button);
    else this.#hatDown.delete(button);
    this.#send(this.#hatEvents());
  }

  /** @param axes −1 to 1, down positive; triggers 0 to 1. */
  setState(axes: readonly number[], triggers: readonly number[]): void {
    this.#send([
      ...STICKS.map((code, i) => absolute(code, (axes[i] ?? 0) * STICK_MAX)),
      ...TRIGGERS.map((code, i) => absolute(code, (triggers[i] ?? 0) * TRIGGER_MAX)),
    ]);
  }

  releaseAll(): void {
    this.#hatDown.clear();
    const keys = [...KEYS.values()].map((code) => ({ type: EV_KEY, code, value: 0 }));
    const axes = AXES.map(({ code }) => absolute(code, 0));
    this.#send([...keys, ...axes]);
  }

  /** The kernel takes the gamepad away as its file is closed. */
  async close(): Promise<void> {
    this.#rumble.detach();
    await this.#device.close();
  }

  /** Opposite directions at once are none. */
  #hatEvents(): InputEvent[] {
    let x = 0;
    let y = 0;
    for (const button of this.#hatDown) {
      const [axis, direction] = HAT.get(button) ?? [ABS_HAT0X, 0];
      if (axis === ABS_HAT0X) x += direction;
      else y += direction;
    }
    return [absolute(ABS_HAT0X, x), absolute(ABS_HAT0Y, y)];
  }

  /** Only what changes, in one report. */
  #send(events: readonly InputEvent[]): void {
    const changes = events.filter(({ type, code, value }) => {
      const key = type * 0x10000 + code;
      if ((this.#values.get(key) ?? 0) === value) return false;
      this.#values.set(key, value);
      return true;
    });
    if (changes.length > 0) this.#device.write(packEvents([...changes, SYN]));
  }
}

function absolute(code: number, value: number): InputEvent {
  return { type: EV_ABS, code, value: Math.round(value) };
}

async function setUp(device: DeviceFile): Promise<void> {
  for (const type of [EV_KEY, EV_ABS, EV_FF]) await device.ioctl(UI_SET_EVBIT, type);
  for (const key of KEYS.values()) await device.ioctl(UI_SET_KEYBIT, key);
  for (const { code } of AXES) await device.ioctl(UI_SET_ABSBIT, code);
  for (const effect of [FF_RUMBLE, FF_GAIN]) await device.ioctl(UI_SET_FFBIT, effect);
  await device.ioctl(UI_DEV_SETUP, packSetup(IDENTITY));
  for (const axis of AXES) await device.ioctl(UI_ABS_SETUP, packAxis(axis));
  await device.ioctl(UI_DEV_CREATE, 0);
}

async function nodesOf(device: DeviceFile, sysfs: string): Promise<string[]> {
  const answer = await device.ioctl(UI_GET_SYSNAME, new Uint8Array(SYSNAME_BYTES));
  const name = Buffer.from(answer).toString('latin1').split('\0')[0] ?? '';
  const entries = await readdir(join(sysfs, name));
  return entries
    .filter((entry) => /^(?:event|js)\d+$/.test(entry))
    .map((entry) => `/dev/input/${entry}`);
}
