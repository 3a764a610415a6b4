import type { BuildManifest } from '../../../protocol/build-manifest.ts';
import type { KeyCode } from '../../../protocol/key-codes.ts';
import type { Resolution } from '../../../protocol/stream-settings.ts';
import { type RuntimeTime, systemTime } from '../../built-in-runtime.ts';
import type { GameInput } from '../../game-runtime.ts';
import { defaultPadMapping } from './default-pad-mapping.ts';
import { MappedPad } from './pad-mapping.ts';
import { isPadInput, type PadOutput } from './pad-output.ts';
import type { XInputPort } from './x-input-port.ts';
import { XKeyboard } from './x-keyboard.ts';
import { XPointer } from './x-pointer.ts';
import { XText } from './x-text.ts';

export interface DesktopInputOptions {
  readonly port: XInputPort;
  /** Of the display. */
  readonly resolution: Resolution;
  readonly manifest: Pick<BuildManifest, 'inputs' | 'pointerLock' | 'pad'>;
  /** Gamepads of this machine, the input's to close once it is open; without any, pads are mapped. */
  readonly pads?: PadOutput;
  readonly time?: RuntimeTime;
}

/**
 * What a player does, done to the programs of an X display. Takes inputs in any order: what is
 * pressed twice or let go unpressed changes nothing, and after `release-all` nothing is down.
 */
export class DesktopInput {
  readonly #keyboard: XKeyboard;
  readonly #pointer: XPointer;
  readonly #text: XText;
  readonly #pads: PadOutput;
  /** What the player's own keyboard and mouse hold. */
  readonly #keys = new Set<KeyCode>();
  readonly #buttons = new Set<number>();
  #closing: Promise<void> | undefined;

  private constructor(keyboard: XKeyboard, pointer: XPointer, text: XText, pads: PadOutput) {
    this.#keyboard = keyboard;
    this.#pointer = pointer;
    this.#text = text;
    this.#pads = pads;
  }

  /** @throws RockpoolError `game-failed` where the X server's keyboard is not as expected. */
  static async open(options: DesktopInputOptions): Promise<DesktopInput> {
    const { port, resolution, manifest, time = systemTime } = options;
    const keyboard = new XKeyboard(port);
    const pointer = new XPointer(port, { resolution, pointerLock: manifest.pointerLock });
    const text = new XText(port, keyboard, await port.readKeyboard());
    const mapping = manifest.pad ?? defaultPadMapping(manifest.inputs);
    const pads = options.pads ?? new MappedPad({ mapping, keyboard, pointer, time });
    return new DesktopInput(keyboard, pointer, text, pads);
  }

  handle(input: GameInput): void {
    if (this.#closing) return;
    if (isPadInput(input)) {
      this.#pads.handle(input);
      return;
    }
    switch (input.type) {
      case 'key':
        this.#setKey(input.code, input.down);
        break;
      case 'button':
        this.#pointer.place(input.x, input.y);
        this.#setButton(input.button, input.down);
        break;
      case 'pointer-move':
        this.#pointer.move(input.x, input.y, input.dx, input.dy);
        break;
      case 'wheel':
        this.#pointer.wheel(input.dx, input.dy);
        break;
      case 'text':
        this.#text.type(input.text);
        break;
      case 'release-all':
        this.releaseAll();
        break;
    }
  }

  /** Positions count in this from now on. */
  setDisplaySize(resolution: Resolution): void {
    this.#pointer.setDisplaySize(resolution);
  }

  releaseAll(): void {
    this.#pads.releaseAll();
    this.#keys.clear();
    this.#buttons.clear();
    this.#keyboard.releaseAll();
    this.#pointer.releaseAll();
  }

  /** Lets everything go and closes the pads; the X connection is its owner's. Safe to call again. */
  close(): Promise<void> {
    if (!this.#closing) {
      this.releaseAll();
      this.#closing = this.#pads.close();
    }
    return this.#closing;
  }

  #setKey(code: KeyCode, down: boolean): void {
    if (down === this.#keys.has(code)) return;
    if (down) {
      this.#keys.add(code);
      this.#keyboard.press(code);
    } else {
      this.#keys.delete(code);
      this.#keyboard.release(code);
    }
  }

  #setButton(button: number, down: boolean): void {
    if (down === this.#buttons.has(button)) return;
    if (down) {
      this.#buttons.add(button);
      this.#pointer.press(button);
    } else {
      this.#buttons.delete(button);
      this.#pointer.release(button);
    }
  }
}
