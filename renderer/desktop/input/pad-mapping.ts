import type { PadMapping, PadStick, PadTarget } from '../../../protocol/build-manifest.ts';
import type { RuntimeTime } from '../../built-in-runtime.ts';
import { AxisPress } from './axis-press.ts';
import type { PadInput, PadOutput } from './pad-output.ts';
import { StickKeys } from './stick-keys.ts';
import type { StickOutput } from './stick-output.ts';
import { StickPointer } from './stick-pointer.ts';
import type { XKeyboard } from './x-keyboard.ts';
import type { XPointer } from './x-pointer.ts';

/** The pad that is mapped: there is one keyboard and one mouse, and player 1 has them. */
const MAPPED_PAD = 0;
const TRIGGER_BUTTONS = [6, 7] as const;
/** `MouseEvent.button` of each name. */
const MOUSE_BUTTONS = { left: 0, middle: 1, right: 2 } as const;

export interface MappedPadOptions {
  readonly mapping: PadMapping;
  readonly keyboard: XKeyboard;
  readonly pointer: XPointer;
  readonly time: RuntimeTime;
}

/** The first player's pad as keys, mouse buttons and movement of the pointer. */
export class MappedPad implements PadOutput {
  readonly #options: MappedPadOptions;
  readonly #targets = new Map<number, PadTarget>();
  readonly #buttonsDown = new Set<number>();
  readonly #triggers = [new AxisPress(), new AxisPress()] as const;
  /** Buttons whose target is held. */
  readonly #holding = new Set<number>();
  readonly #leftStick: StickOutput | undefined;
  readonly #rightStick: StickOutput | undefined;

  constructor(options: MappedPadOptions) {
    const { mapping } = options;
    this.#options = options;
    for (const [button, target] of Object.entries(mapping.buttons)) {
      this.#targets.set(Number(button), target);
    }
    this.#leftStick = this.#stick(mapping.leftStick);
    this.#rightStick = this.#stick(mapping.rightStick);
  }

  handle(input: PadInput): void {
    if (input.pad !== MAPPED_PAD) return;
    switch (input.type) {
      case 'pad-button':
        if (input.down) this.#buttonsDown.add(input.button);
        else this.#buttonsDown.delete(input.button);
        this.#update(input.button);
        break;
      case 'pad-state': {
        const [leftX, leftY, rightX, rightY] = input.axes;
        this.#leftStick?.handle(leftX, leftY);
        this.#rightStick?.handle(rightX, rightY);
        this.#setTriggers(input.triggers);
        break;
      }
      case 'pad-disconnected':
        this.releaseAll();
        break;
      case 'pad-connected':
        break;
    }
  }

  releaseAll(): void {
    this.#leftStick?.rest();
    this.#rightStick?.rest();
    this.#buttonsDown.clear();
    this.#setTriggers([0, 0]);
    for (const button of this.#holding) this.#update(button);
  }

  async close(): Promise<void> {
    this.releaseAll();
  }

  #stick(stick: PadStick | undefined): StickOutput | undefined {
    if (!stick) return undefined;
    const { keyboard, pointer, time } = this.#options;
    return 'pointerSpeed' in stick
      ? new StickPointer(pointer, stick.pointerSpeed, time)
      : new StickKeys(keyboard, stick);
  }

  /** Browsers tell a trigger twice: as a button, early in its way, and how far it is. */
  #setTriggers(values: readonly [number, number]): void {
    for (const side of [0, 1] as const) {
      this.#triggers[side].update(values[side]);
      this.#update(TRIGGER_BUTTONS[side]);
    }
  }

  #update(button: number): void {
    const target = this.#targets.get(button);
    if (!target) return;
    const side = button - TRIGGER_BUTTONS[0];
    const down = this.#buttonsDown.has(button) || this.#triggers[side]?.down === true;
    if (down === this.#holding.has(button)) return;
    if (down) this.#holding.add(button);
    else this.#holding.delete(button);
    this.#apply(target, down);
  }

  #apply(target: PadTarget, down: boolean): void {
    const { keyboard, pointer } = this.#options;
    if ('key' in target) {
      if (down) keyboard.press(target.key);
      else keyboard.release(target.key);
    } else {
      const button = MOUSE_BUTTONS[target.mouse];
      if (down) pointer.press(button);
      else pointer.release(button);
    }
  }
}
