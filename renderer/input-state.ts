import type { KeyCode } from '../protocol/key-codes.ts';
import type { GameInput } from './game-runtime.ts';

export interface PadState {
  readonly axes: readonly [number, number, number, number];
  readonly triggers: readonly [number, number];
  isDown(button: number): boolean;
  /** Went down since the last tick. */
  wasPressed(button: number): boolean;
}

/** Held and just-pressed inputs as a game reads them during a tick. */
export interface InputState {
  isDown(code: KeyCode): boolean;
  /** Went down since the last tick, even when it is up again already. */
  wasPressed(code: KeyCode): boolean;
  isButtonDown(button: number): boolean;
  wasButtonPressed(button: number): boolean;
  /** Position as fractions of the picture, 0 to 1. */
  readonly pointer: { readonly x: number; readonly y: number };
  /** Movement since the last tick, CSS pixels. */
  readonly pointerDelta: { readonly x: number; readonly y: number };
  /** Connected pads by number, 0 to 3. */
  readonly pads: ReadonlyMap<number, PadState>;
  /** Keys, mouse buttons and pad buttons that went down since the last tick. */
  readonly presses: number;
  /** True in the tick after focus, tab or connection was lost: a good moment to pause. */
  readonly lostFocus: boolean;
}

class TrackedPad implements PadState {
  axes: readonly [number, number, number, number] = [0, 0, 0, 0];
  triggers: readonly [number, number] = [0, 0];
  readonly held = new Set<number>();
  readonly pressed = new Set<number>();

  isDown(button: number): boolean {
    return this.held.has(button);
  }

  wasPressed(button: number): boolean {
    return this.pressed.has(button);
  }
}

/** Collects inputs between ticks; `endTick` forgets the edges and keeps what is held. */
export class InputTracker implements InputState {
  readonly pads = new Map<number, TrackedPad>();
  readonly pointer = { x: 0.5, y: 0.5 };
  readonly pointerDelta = { x: 0, y: 0 };
  presses = 0;
  lostFocus = false;
  readonly #held = new Set<KeyCode>();
  readonly #pressed = new Set<KeyCode>();
  readonly #buttonsHeld = new Set<number>();
  readonly #buttonsPressed = new Set<number>();

  isDown(code: KeyCode): boolean {
    return this.#held.has(code);
  }

  wasPressed(code: KeyCode): boolean {
    return this.#pressed.has(code);
  }

  isButtonDown(button: number): boolean {
    return this.#buttonsHeld.has(button);
  }

  wasButtonPressed(button: number): boolean {
    return this.#buttonsPressed.has(button);
  }

  apply(input: GameInput): void {
    switch (input.type) {
      case 'key':
        this.#press(input.down, input.code, this.#held, this.#pressed);
        break;
      case 'button':
        this.#movePointer(input.x, input.y);
        this.#press(input.down, input.button, this.#buttonsHeld, this.#buttonsPressed);
        break;
      case 'pointer-move':
        this.#movePointer(input.x, input.y);
        this.pointerDelta.x += input.dx;
        this.pointerDelta.y += input.dy;
        break;
      case 'pad-connected':
        this.#pad(input.pad);
        break;
      case 'pad-disconnected':
        this.pads.delete(input.pad);
        break;
      case 'pad-button': {
        const pad = this.#pad(input.pad);
        this.#press(input.down, input.button, pad.held, pad.pressed);
        break;
      }
      case 'pad-state': {
        const pad = this.#pad(input.pad);
        pad.axes = input.axes;
        pad.triggers = input.triggers;
        break;
      }
      case 'release-all':
        this.#releaseAll();
        break;
      case 'wheel':
      case 'text':
        break;
    }
  }

  endTick(): void {
    this.#pressed.clear();
    this.#buttonsPressed.clear();
    for (const pad of this.pads.values()) pad.pressed.clear();
    this.pointerDelta.x = 0;
    this.pointerDelta.y = 0;
    this.presses = 0;
    this.lostFocus = false;
  }

  #press<T>(down: boolean, what: T, held: Set<T>, pressed: Set<T>): void {
    if (!down) {
      held.delete(what);
      return;
    }
    if (held.has(what)) return;
    held.add(what);
    pressed.add(what);
    this.presses++;
  }

  #movePointer(x: number, y: number): void {
    this.pointer.x = x / 65_535;
    this.pointer.y = y / 65_535;
  }

  #pad(number: number): TrackedPad {
    let pad = this.pads.get(number);
    if (!pad) {
      pad = new TrackedPad();
      this.pads.set(number, pad);
    }
    return pad;
  }

  #releaseAll(): void {
    this.#held.clear();
    this.#buttonsHeld.clear();
    for (const pad of this.pads.values()) {
      pad.held.clear();
      pad.axes = [0, 0, 0, 0];
      pad.triggers = [0, 0];
    }
    this.lostFocus = true;
  }
}
