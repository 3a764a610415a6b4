const BUTTONS = 17;

/** A gamepad that no hand holds: `navigator.getGamepads()` has it once it is plugged in. */
export class InjectedGamepad {
  readonly #buttons = Array.from({ length: BUTTONS }, () => ({
    pressed: false,
    touched: false,
    value: 0,
  }));
  #axes = [0, 0, 0, 0];
  #plugged = false;
  #timestamp = 0;

  constructor() {
    navigator.getGamepads = () => [this.#plugged ? this.#snapshot() : null, null, null, null];
  }

  plugIn(): void {
    this.#plugged = true;
    this.#tell('gamepadconnected');
  }

  unplug(): void {
    this.#plugged = false;
    this.#tell('gamepaddisconnected');
  }

  /** @param button index in the W3C standard layout. */
  setButton(button: number, pressed: boolean): void {
    this.#buttons[button] = { pressed, touched: pressed, value: pressed ? 1 : 0 };
    this.#timestamp = performance.now();
  }

  /** @param x right positive, y down positive; −1 to 1. */
  setLeftStick(x: number, y: number): void {
    this.#axes = [x, y, 0, 0];
    this.#timestamp = performance.now();
  }

  #snapshot(): Gamepad {
    return {
      id: 'Injected pad',
      index: 0,
      connected: true,
      mapping: 'standard',
      timestamp: this.#timestamp,
      axes: this.#axes,
      buttons: this.#buttons,
      vibrationActuator: {
        playEffect: async () => 'complete',
        reset: async () => 'complete',
      },
    };
  }

  #tell(type: 'gamepadconnected' | 'gamepaddisconnected'): void {
    window.dispatchEvent(new Event(type));
  }
}
