import { MAX_PAD_BUTTONS, MAX_PADS } from '../../protocol/input-messages.ts';
import { withDeadZone } from '../../protocol/stick-dead-zone.ts';
import type { InputEvent } from '../input-script.ts';

/*
 * Put into a page before its own scripts: gamepads that a script moves, where the page asks the
 * browser for those that are plugged in. No browser lets a program plug one in.
 */

type PadEvent = Extract<InputEvent, { readonly type: 'pad' | 'pad-button' | 'pad-sticks' }>;

const LEFT_TRIGGER = 6;
const RIGHT_TRIGGER = 7;

/** One pad as it stands; what is handed out of it never changes, as with a browser's own. */
class Pad {
  readonly #index: number;
  readonly #down = new Set<number>();
  #axes: readonly number[] = [0, 0, 0, 0];
  #triggers: readonly [number, number] = [0, 0];
  reading: Gamepad;

  constructor(index: number) {
    this.#index = index;
    this.reading = this.#read();
  }

  handle(event: PadEvent): void {
    if (event.type === 'pad-button') {
      if (event.down) this.#down.add(event.button);
      else this.#down.delete(event.button);
    }
    if (event.type === 'pad-sticks') {
      const [leftX, leftY, rightX, rightY] = event.axes;
      this.#axes = [...withDeadZone(leftX, leftY), ...withDeadZone(rightX, rightY)];
      this.#triggers = event.triggers;
    }
    this.reading = this.#read();
  }

  #read(): Gamepad {
    const value = (button: number): number => {
      if (button === LEFT_TRIGGER) return this.#triggers[0];
      if (button === RIGHT_TRIGGER) return this.#triggers[1];
      return this.#down.has(button) ? 1 : 0;
    };
    const reading = {
      id: 'Scripted pad',
      index: this.#index,
      connected: true,
      mapping: 'standard',
      timestamp: performance.now(),
      axes: this.#axes,
      buttons: Array.from({ length: MAX_PAD_BUTTONS }, (_, button) => ({
        pressed: this.#down.has(button),
        touched: value(button) > 0,
        value: value(button),
      })),
      vibrationActuator: null,
    };
    return reading as unknown as Gamepad;
  }
}

class PadStandIn {
  readonly #pads: (Pad | undefined)[] = Array.from({ length: MAX_PADS });

  constructor() {
    const value = () => this.#pads.map((pad) => pad?.reading ?? null);
    Object.defineProperty(navigator, 'getGamepads', { value, configurable: true });
  }

  /** Does what a script says. A pad that nobody plugged in is when it is first touched. */
  handle(event: PadEvent): void {
    const connected = event.type !== 'pad' || event.connected;
    if (connected !== (this.#pads[event.pad] !== undefined)) this.#plug(event.pad, connected);
    this.#pads[event.pad]?.handle(event);
  }

  /** Lets go of everything, and keeps what is plugged in. */
  rest(): void {
    for (const [index, pad] of this.#pads.entries()) {
      if (pad) this.#pads[index] = new Pad(index);
    }
  }

  #plug(index: number, connected: boolean): void {
    const pad = this.#pads[index] ?? new Pad(index);
    this.#pads[index] = connected ? pad : undefined;
    const event = new Event(connected ? 'gamepadconnected' : 'gamepaddisconnected');
    dispatchEvent(Object.assign(event, { gamepad: pad.reading }));
  }
}

declare global {
  interface Window {
    padStandIn?: PadStandIn;
  }
}

window.padStandIn = new PadStandIn();
