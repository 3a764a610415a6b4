// Keys, pointer and gamepads, all alike: what is held, what was just pressed, and a direction.

const HOLD_KEYS = new Set(['Space', 'Enter', 'KeyJ']);
const PAUSE_KEYS = new Set(['Escape', 'KeyP']);
const UP_KEYS = ['ArrowUp', 'KeyW'];
const DOWN_KEYS = ['ArrowDown', 'KeyS'];
/** A, B, X, Y, both bumpers and both triggers. */
const HOLD_BUTTONS = [0, 1, 2, 3, 4, 5, 6, 7];
const START_BUTTON = 9;
const PAD_UP = 12;
const PAD_DOWN = 13;
const DEAD_ZONE = 0.25;

export class PlayerInput {
  held = false;
  /** −1 up to 1 down. */
  steer = 0;
  /** Angle a stick points to; undefined while it rests. */
  aim;
  #keys = new Set();
  #pointer = false;
  #pressed = false;
  #paused = false;
  #lost = false;
  #startHeld = false;
  #padHeld = false;

  constructor(target) {
    target.addEventListener('keydown', (event) => {
      if (event.repeat) return;
      this.#keys.add(event.code);
      if (HOLD_KEYS.has(event.code)) this.#pressed = true;
      if (PAUSE_KEYS.has(event.code)) this.#paused = true;
      if (!event.ctrlKey && !event.metaKey && !event.altKey) event.preventDefault();
    });
    target.addEventListener('keyup', (event) => this.#keys.delete(event.code));
    target.addEventListener('pointerdown', () => {
      this.#pointer = true;
      this.#pressed = true;
    });
    target.addEventListener('pointerup', () => {
      this.#pointer = false;
    });
    target.addEventListener('contextmenu', (event) => event.preventDefault());
    target.addEventListener('blur', () => this.#lose());
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.#lose();
    });
  }

  /** Reads the pads; once a frame. @returns what happened since the last time. */
  read() {
    const pads = navigator.getGamepads().filter((pad) => pad?.mapping === 'standard');
    const down = (button) => pads.some((pad) => pad.buttons[button].pressed);
    const padHeld = HOLD_BUTTONS.some(down);
    const start = down(START_BUTTON);
    const stick = pads.find(({ axes }) => Math.hypot(axes[0], axes[1]) > DEAD_ZONE);
    const either = (codes, button) => codes.some((code) => this.#keys.has(code)) || down(button);
    this.steer = Number(either(DOWN_KEYS, PAD_DOWN)) - Number(either(UP_KEYS, PAD_UP));
    this.aim = stick && Math.atan2(stick.axes[1], stick.axes[0]);
    const keyHeld = [...HOLD_KEYS].some((code) => this.#keys.has(code));
    this.held = keyHeld || this.#pointer || padHeld;
    const events = {
      pressed: this.#pressed || (padHeld && !this.#padHeld),
      paused: this.#paused || (start && !this.#startHeld),
      lost: this.#lost,
    };
    this.#pressed = false;
    this.#paused = false;
    this.#lost = false;
    this.#padHeld = padHeld;
    this.#startHeld = start;
    return events;
  }

  /** Shakes every pad that can. @param strength 0 to 1. */
  rumble(strength, durationMs) {
    for (const pad of navigator.getGamepads()) {
      pad?.vibrationActuator
        ?.playEffect('dual-rumble', {
          duration: durationMs,
          strongMagnitude: strength,
          weakMagnitude: strength * 0.6,
        })
        .catch(() => undefined);
    }
  }

  #lose() {
    this.#keys.clear();
    this.#pointer = false;
    this.#lost = true;
  }
}
