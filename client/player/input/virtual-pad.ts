import { MAX_PAD_BUTTONS } from '../../../protocol/input-messages.ts';
import type { PadReading } from './pad-reporter.ts';

function clampAxis(value: number): number {
  return Math.min(Math.max(value, -1), 1);
}

/** The pad drawn on a touch screen. It is plugged in by its first use. */
export class VirtualPad {
  readonly #vibrate: ((durationMs: number) => void) | undefined;
  readonly #down = new Set<number>();
  #axes: readonly [number, number, number, number] = [0, 0, 0, 0];
  #connected = false;
  #handleChange: (() => void) | undefined;

  /** @param vibrate shakes the device, where it can. */
  constructor(vibrate?: (durationMs: number) => void) {
    this.#vibrate = vibrate;
  }

  get connected(): boolean {
    return this.#connected;
  }

  get reading(): PadReading {
    return {
      axes: this.#axes,
      triggers: [this.#down.has(6) ? 1 : 0, this.#down.has(7) ? 1 : 0],
      isDown: (button) => this.#down.has(button),
    };
  }

  /** Calls `handleChange` after every change; one listener, undefined for none. */
  listen(handleChange: (() => void) | undefined): void {
    this.#handleChange = handleChange;
  }

  /** Each axis −1 to 1, right and down positive as on a gamepad. */
  setStick(side: 'left' | 'right', x: number, y: number): void {
    const [leftX, leftY, rightX, rightY] = this.#axes;
    const moved = [clampAxis(x), clampAxis(y)] as const;
    this.#axes = side === 'left' ? [...moved, rightX, rightY] : [leftX, leftY, ...moved];
    this.#changed(true);
  }

  /** `index` in the W3C standard gamepad layout, 0 to 16; others are ignored. */
  setButton(index: number, down: boolean): void {
    if (!Number.isInteger(index) || index < 0 || index >= MAX_PAD_BUTTONS) return;
    if (down) this.#down.add(index);
    else this.#down.delete(index);
    this.#changed(true);
  }

  disconnect(): void {
    this.#down.clear();
    this.#axes = [0, 0, 0, 0];
    this.#changed(false);
  }

  /** Phones have one strength of vibration: stronger shakes last longer. */
  rumble(strength: number, durationMs: number): void {
    this.#vibrate?.(Math.round(strength * durationMs));
  }

  #changed(connected: boolean): void {
    this.#connected = connected;
    this.#handleChange?.();
  }
}
