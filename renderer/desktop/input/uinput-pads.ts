import { RockpoolError, toRockpoolError } from '../../../protocol/errors.ts';
import { MAX_PADS } from '../../../protocol/input-messages.ts';
import type { Rumble } from '../../game-runtime.ts';
import type { OpenDevice } from './device-file.ts';
import type { PadInput, PadOutput } from './pad-output.ts';
import { PerlDevice } from './perl-device.ts';
import { UI_GET_VERSION } from './uinput-layout.ts';
import { UinputPad } from './uinput-pad.ts';

/** The first with `UI_DEV_SETUP` (Linux 4.5). */
const MIN_VERSION = 5;

export interface PadMachine {
  readonly path: string;
  readonly openDevice: OpenDevice;
  readonly sysfs: string;
}

const LINUX: PadMachine = {
  path: '/dev/uinput',
  openDevice: (path, handleRead) => PerlDevice.open(path, handleRead),
  sysfs: '/sys/devices/virtual/input',
};

/** How pads reach native games here, and for `mapping` why not as gamepads. */
export type PadSupport =
  | { readonly kind: 'uinput' }
  | { readonly kind: 'mapping'; readonly reason: string };

/** Whether this machine can show gamepads to its programs. Never fails. */
export async function findPads(machine: PadMachine = LINUX): Promise<PadSupport> {
  try {
    const device = await machine.openDevice(machine.path, () => undefined);
    try {
      const answer = await device.ioctl(UI_GET_VERSION, new Uint8Array(4));
      const version = Buffer.from(answer).readUInt32LE(0);
      if (version >= MIN_VERSION) return { kind: 'uinput' };
      return { kind: 'mapping', reason: `${machine.path} is of a kernel older than Linux 4.5.` };
    } finally {
      await device.close();
    }
  } catch (error) {
    return { kind: 'mapping', reason: toRockpoolError(error).message };
  }
}

/**
 * A real gamepad for each player, through the kernel's uinput. They are plugged in before the game
 * starts and stay: many games look for pads once. Pad n of the players is gamepad n of the game.
 */
export class UinputPads implements PadOutput {
  readonly #pads: readonly UinputPad[];
  #closing: Promise<void> | undefined;

  private constructor(pads: readonly UinputPad[]) {
    this.#pads = pads;
  }

  /**
   * @param players 1 to 4.
   * @throws RockpoolError where the machine has no uinput ({@link findPads}) or it refuses.
   */
  static async open(
    players: number,
    handleRumble: (rumble: Rumble) => void,
    machine: PadMachine = LINUX,
  ): Promise<UinputPads> {
    if (players > MAX_PADS)
      throw new RockpoolError('internal', `There are ${MAX_PADS} pads at most.`);
    const pads: UinputPad[] = [];
    try {
      // One after the other: the kernel numbers them in this order.
      for (let pad = 0; pad < players; pad++) {
        pads.push(await UinputPad.create({ pad, handleRumble, ...machine }));
      }
    } catch (error) {
      await Promise.all(pads.map((pad) => pad.close()));
      throw error;
    }
    return new UinputPads(pads);
  }

  /** Device files that the game's sandbox must let in, readable and writable. */
  get nodes(): readonly string[] {
    return this.#pads.flatMap(({ nodes }) => nodes);
  }

  handle(input: PadInput): void {
    const pad = this.#pads[input.pad];
    if (!pad || this.#closing) return;
    switch (input.type) {
      case 'pad-button':
        pad.setButton(input.button, input.down);
        break;
      case 'pad-state':
        pad.setState(input.axes, input.triggers);
        break;
      case 'pad-disconnected':
        pad.releaseAll();
        break;
      case 'pad-connected':
        break;
    }
  }

  releaseAll(): void {
    for (const pad of this.#pads) pad.releaseAll();
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all(this.#pads.map((pad) => pad.close())).then(() => undefined);
    return this.#closing;
  }
}
