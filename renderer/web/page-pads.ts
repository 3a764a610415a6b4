import type { ToLauncher } from './launcher-messages.ts';

/** What a page tells the launcher. */
export type FromPage =
  | { readonly type: 'new-page' }
  | { readonly type: 'closed' }
  | {
      readonly type: 'rumble';
      readonly pad: number;
      readonly strong: number;
      readonly weak: number;
      readonly durationMs: number;
    };

/**
 * Runs in every frame of the page, before its own scripts: `navigator.getGamepads()` gives the
 * player's pads, as Xbox 360 controllers, by the rules of the Gamepad specification. As there, a page
 * learns of pads once one was touched. Self-contained: it goes to the browser as text.
 * @param hub key of `Symbol.for`, under which the top window takes what pads do.
 * @param send to the launcher.
 */
export function installPads(hub: string, send: (message: FromPage) => void): void {
  const PAD_COUNT = 4;
  const BUTTON_COUNT = 17;
  const LEFT_TRIGGER = 6;
  const RIGHT_TRIGGER = 7;
  const ID = 'Xbox 360 Controller (STANDARD GAMEPAD Vendor: 045e Product: 028e)';
  /** Beyond this a stick was touched, as in Chromium. */
  const TOUCHED = 0.5;
  const MAX_RUMBLE_MS = 5000;

  interface Pad {
    readonly index: number;
    readonly down: boolean[];
    /** Buttons that went down within this animation frame or the one before. */
    readonly fresh: Set<number>;
    /** Of those, the ones that went up since. */
    readonly releasing: Set<number>;
    axes: readonly number[];
    triggers: readonly number[];
    timestamp: number;
  }
  interface Hub {
    readonly pads: (Pad | undefined)[];
    readonly frames: Set<() => void>;
    (messages: readonly ToLauncher[]): void;
  }

  const key = Symbol.for(hub);

  function newPad(index: number): Pad {
    return {
      index,
      down: new Array<boolean>(BUTTON_COUNT).fill(false),
      fresh: new Set(),
      releasing: new Set(),
      axes: [0, 0, 0, 0],
      triggers: [0, 0],
      timestamp: performance.now(),
    };
  }

  /** A tap shorter than an animation frame lasts until a game that looks once a frame has seen it. */
  function press(pad: Pad, button: number): void {
    pad.down[button] = true;
    pad.releasing.delete(button);
    pad.fresh.add(button);
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        pad.fresh.delete(button);
        if (!pad.releasing.delete(button)) return;
        release(pad, button);
        for (const handleChange of top.frames) handleChange();
      }),
    );
  }

  function release(pad: Pad, button: number): void {
    if (pad.fresh.has(button)) {
      pad.releasing.add(button);
      return;
    }
    pad.down[button] = false;
    pad.timestamp = performance.now();
  }

  function releaseAll(pad: Pad): void {
    pad.axes = [0, 0, 0, 0];
    pad.triggers = [0, 0];
    pad.timestamp = performance.now();
    for (let button = 0; button < BUTTON_COUNT; button++) release(pad, button);
  }

  function apply(message: ToLauncher): void {
    if (message.type === 'quit') return;
    if (message.type === 'release-all') {
      for (const pad of top.pads) if (pad) releaseAll(pad);
      return;
    }
    const { pad: index } = message;
    if (message.type === 'pad-connected') {
      top.pads[index] ??= newPad(index);
      return;
    }
    const pad = top.pads[index];
    if (!pad) return;
    if (message.type === 'pad-disconnected') {
      top.pads[index] = undefined;
      return;
    }
    pad.timestamp = performance.now();
    if (message.type === 'pad-state') {
      pad.axes = message.axes;
      pad.triggers = message.triggers;
    } else if (message.down) press(pad, message.button);
    else release(pad, message.button);
  }

  function makeHub(): Hub {
    const made = Object.assign(
      (messages: readonly ToLauncher[]) => {
        for (const message of messages) apply(message);
        for (const handleChange of top.frames) handleChange();
      },
      {
        pads: new Array<Pad | undefined>(PAD_COUNT).fill(undefined),
        frames: new Set<() => void>(),
      },
    );
    Object.defineProperty(window, key, { value: made });
    send({ type: 'new-page' });
    return made;
  }

  function topHub(): Hub | undefined {
    if (window === window.top) return makeHub();
    try {
      return (window.top as unknown as Record<symbol, Hub | undefined>)[key];
    } catch {
      // A frame that may not look at the page it is in has no pads.
      return undefined;
    }
  }

  const found = topHub();
  if (!found) return;
  const top: Hub = found;

  /** An object that passes for one of the browser's: its own properties stand before theirs. */
  function disguise<T extends object>(prototype: T, own: object): T {
    return Object.defineProperties(
      Object.create(prototype) as T,
      Object.getOwnPropertyDescriptors(own),
    );
  }

  /** What waits for each pad's effect to end. */
  const playing: ((result: string) => void)[] = [];

  function playEffect(index: number, type: string, effect: Record<string, number> = {}) {
    if (type !== 'dual-rumble' && type !== 'trigger-rumble') {
      return Promise.reject(new TypeError(`'${type}' is no effect of this gamepad.`));
    }
    const part = (value = 0) => Math.min(1, Math.max(0, Number(value) || 0));
    const time = (value = 0) => Math.min(MAX_RUMBLE_MS, Math.max(0, Number(value) || 0));
    playing[index]?.('preempted');
    const delayMs = time(effect.startDelay);
    const durationMs = time(effect.duration);
    return new Promise<string>((resolve) => {
      const start = () =>
        send({
          type: 'rumble',
          pad: index,
          strong: part(effect.strongMagnitude),
          weak: part(effect.weakMagnitude),
          durationMs,
        });
      const starting = delayMs > 0 ? setTimeout(start, delayMs) : start();
      const ending = setTimeout(() => finish('complete'), delayMs + durationMs);
      const finish = (result: string) => {
        clearTimeout(starting ?? undefined);
        clearTimeout(ending);
        if (playing[index] === finish) delete playing[index];
        resolve(result);
      };
      playing[index] = finish;
    });
  }

  function stopEffect(index: number): Promise<string> {
    playing[index]?.('preempted');
    send({ type: 'rumble', pad: index, strong: 0, weak: 0, durationMs: 0 });
    return Promise.resolve('complete');
  }

  const actuators = Array.from({ length: PAD_COUNT }, (_, index) =>
    disguise(GamepadHapticActuator.prototype, {
      type: 'dual-rumble',
      effects: Object.freeze(['dual-rumble']),
      canPlayEffectType: (type: string) => type === 'dual-rumble',
      playEffect: (type: string, effect?: Record<string, number>) =>
        playEffect(index, type, effect),
      reset: () => stopEffect(index),
    }),
  );

  function buttonOf(pad: Pad, index: number): GamepadButton {
    const pressed = pad.down[index] ?? false;
    const isTrigger = index === LEFT_TRIGGER || index === RIGHT_TRIGGER;
    const pulled = isTrigger ? (pad.triggers[index - LEFT_TRIGGER] ?? 0) : 0;
    const value = pulled > 0 ? pulled : Number(pressed);
    return disguise(GamepadButton.prototype, { pressed, touched: pressed || value > 0, value });
  }

  function snapshot(pad: Pad, connected: boolean): Gamepad {
    const buttons = Array.from({ length: BUTTON_COUNT }, (_, index) => buttonOf(pad, index));
    return disguise(Gamepad.prototype, {
      id: ID,
      index: pad.index,
      connected,
      timestamp: pad.timestamp,
      mapping: 'standard',
      axes: Object.freeze([...pad.axes]),
      buttons: Object.freeze(buttons),
      vibrationActuator: actuators[pad.index],
    });
  }

  /** What this frame's scripts were told of. */
  const announced = new Array<Pad | undefined>(PAD_COUNT).fill(undefined);
  const snapshots = new Array<Gamepad | null>(PAD_COUNT).fill(null);
  let touched = false;

  function announce(type: string, gamepad: Gamepad): void {
    const event = new Event(type);
    Object.setPrototypeOf(event, GamepadEvent.prototype);
    Object.defineProperty(event, 'gamepad', { value: gamepad, enumerable: true });
    window.dispatchEvent(event);
  }

  function isTouched(pad: Pad | undefined): boolean {
    if (!pad) return false;
    return pad.down.includes(true) || pad.axes.some((value) => Math.abs(value) > TOUCHED);
  }

  function handleChange(): void {
    touched ||= top.pads.some(isTouched);
    if (!touched) return;
    // Before, the page's own scripts may not be listening yet.
    const listening = document.readyState === 'complete';
    for (let index = 0; index < PAD_COUNT; index++) {
      const before = announced[index];
      const now = top.pads[index];
      snapshots[index] = now ? snapshot(now, true) : null;
      if (before === now || !listening) continue;
      announced[index] = now;
      if (before) announce('gamepaddisconnected', snapshot(before, false));
      if (now) announce('gamepadconnected', snapshots[index] as Gamepad);
    }
  }

  top.frames.add(handleChange);
  addEventListener('load', () => setTimeout(handleChange));
  if (window !== window.top) addEventListener('pagehide', () => top.frames.delete(handleChange));
  handleChange();
  Object.defineProperty(Navigator.prototype, 'getGamepads', {
    value: function getGamepads() {
      return [...snapshots];
    },
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
