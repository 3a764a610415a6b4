const BUTTONS = 17;

/** A gamepad that no hand holds: `navigator.getGamepads()` has it once it is plugged in. */
export class InjectedGamepad {
  readonly #buttons = Array.from({ length: BUTTONS }, () => ({
    pressed: false,
    touched: false,
    value: 0,
  }));
  #plugged = false;
  #timestamp = 0;

  constructor() {
    navigator.getGamepads = () => [this.#plugged ? this.#snapshot() : null, null, null, null];
  }

  plugIn(): void {
    this.#plugged = true;
    window.dispatchEvent(new Event('gamepadconnected'));
  }

  /** @param button index in the W3C standard layout. */
  setButton(button: number, pressed: boolean): void {
    this.#buttons[button] = { pressed, touched: pressed, value: pressed ? 1 : 0 };
    this.#timestamp = performance.now();
  }

  #snapshot(): Gamepad {
    return {
      id: 'Injected pad',
      index: 0,
      connected: true,
      mapping: 'standard',
      timestamp: this.#timestamp,
      axes: [0, 0, 0, 0],
      buttons: this.#buttons,
      vibrationActuator: {
        playEffect: async () => 'complete',
        reset: async () => 'complete',
      },
    };
  }
}
