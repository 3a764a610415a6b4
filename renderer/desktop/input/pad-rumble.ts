import type { Rumble } from '../../game-runtime.ts';
import type { DeviceFile } from './device-file.ts';
import {
  EV_FF,
  EV_UINPUT,
  FF_GAIN,
  FF_RUMBLE,
  type InputEvent,
  packErase,
  packUpload,
  UI_BEGIN_FF_ERASE,
  UI_BEGIN_FF_UPLOAD,
  UI_END_FF_ERASE,
  UI_END_FF_UPLOAD,
  UI_FF_ERASE,
  UI_FF_UPLOAD,
  type UploadedEffect,
  unpackErasedId,
  unpackUpload,
} from './uinput-layout.ts';

const LEVEL_MAX = 0xffff;
/** The longest that a browser is told at once; what should play until stopped plays this long. */
const MAX_RUMBLE_MS = 5000;
/** `EINVAL`: the answer to effects other than rumble. */
const INVALID = -22;

/**
 * The force-feedback half of a virtual gamepad: the kernel lends it the effects that games upload
 * (linux/uinput.h, "FF upload"), and says when they play. A game waits in its upload until this answers.
 */
export class PadRumble {
  readonly #pad: number;
  readonly #handleRumble: (rumble: Rumble) => void;
  readonly #effects = new Map<number, UploadedEffect>();
  #device: DeviceFile | undefined;
  #gain = 1;

  constructor(pad: number, handleRumble: (rumble: Rumble) => void) {
    this.#pad = pad;
    this.#handleRumble = handleRumble;
  }

  attach(device: DeviceFile): void {
    this.#device = device;
  }

  detach(): void {
    this.#device = undefined;
  }

  /** One event that the kernel wrote to the device. */
  handle({ type, code, value }: InputEvent): void {
    if (type === EV_UINPUT && code === UI_FF_UPLOAD)
      this.#answer((device) => this.#upload(device, value));
    else if (type === EV_UINPUT && code === UI_FF_ERASE)
      this.#answer((device) => this.#erase(device, value));
    else if (type === EV_FF && code === FF_GAIN) this.#gain = value / LEVEL_MAX;
    else if (type === EV_FF) this.#play(code, value > 0);
  }

  /** A device that fails in between has been closed, and the kernel lets the game go by itself. */
  #answer(answer: (device: DeviceFile) => Promise<void>): void {
    const device = this.#device;
    if (device) answer(device).catch(() => this.detach());
  }

  async #upload(device: DeviceFile, request: number): Promise<void> {
    const upload = Buffer.from(await device.ioctl(UI_BEGIN_FF_UPLOAD, packUpload(request)));
    const effect = unpackUpload(upload);
    const taken = effect.type === FF_RUMBLE;
    if (taken) this.#effects.set(effect.id, effect);
    upload.writeInt32LE(taken ? 0 : INVALID, 4);
    await device.ioctl(UI_END_FF_UPLOAD, upload);
  }

  async #erase(device: DeviceFile, request: number): Promise<void> {
    const erase = Buffer.from(await device.ioctl(UI_BEGIN_FF_ERASE, packErase(request)));
    this.#effects.delete(unpackErasedId(erase));
    erase.writeInt32LE(0, 4);
    await device.ioctl(UI_END_FF_ERASE, erase);
  }

  #play(id: number, on: boolean): void {
    const effect = this.#effects.get(id);
    if (!effect) return;
    const level = on ? this.#gain / LEVEL_MAX : 0;
    const lengthMs =
      effect.lengthMs === 0 ? MAX_RUMBLE_MS : Math.min(effect.lengthMs, MAX_RUMBLE_MS);
    this.#handleRumble({
      pad: this.#pad,
      strong: effect.strong * level,
      weak: effect.weak * level,
      durationMs: on ? lengthMs : 0,
    });
  }
}
