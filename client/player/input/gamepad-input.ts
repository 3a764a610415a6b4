import { MAX_PADS } from '../../../protocol/input-messages.ts';
import type { Scheduler } from '../scheduler.ts';
import { eventTimeMs } from './event-time.ts';
import type { InputEdge, Motion } from './input-sender.ts';
import { type PadReading, PadReporter } from './pad-reporter.ts';
import type { VirtualPad } from './virtual-pad.ts';

/**
 * Chromium reads pads every 4 ms, and an animation frame is 16 ms: asking between frames saves 6 ms
 * on average. One `getGamepads()` costs 2.5 µs (Chromium 156), a thousandth of the interval.
 */
const ACTIVE_INTERVAL_MS = 4;
/** A pad untouched for this long is asked once an animation frame. */
const ACTIVE_FOR_MS = 2000;
const FRAME_MS = 17;
const LEFT_TRIGGER = 6;
const RIGHT_TRIGGER = 7;

export interface GamepadInputOptions {
  readonly getGamepads: () => readonly (Gamepad | null)[];
  /** Where `gamepadconnected` and `gamepaddisconnected` come from. */
  readonly window: EventTarget;
  readonly virtualPad: VirtualPad;
  readonly scheduler: Scheduler;
  /** Calls back before the next repaint; the returned function cancels it. */
  readonly onAnimationFrame: (task: () => void) => () => void;
  readonly sendEdge: (edge: InputEdge, atMs: number) => void;
  readonly sendMotion: (motion: Motion) => void;
  readonly handlePads: (pads: readonly { readonly pad: number; readonly name: string }[]) => void;
}

/** A pad the game knows: a browser gamepad by its index, or the one on the screen. */
interface ConnectedPad {
  readonly source: number | 'screen';
  readonly name: string;
  readonly reporter: PadReporter;
}

/** Reads a browser gamepad; axes and buttons it lacks rest. */
function gamepadReading(gamepad: Gamepad): PadReading {
  const { axes, buttons } = gamepad;
  return {
    axes: [axes[0] ?? 0, axes[1] ?? 0, axes[2] ?? 0, axes[3] ?? 0],
    triggers: [buttons[LEFT_TRIGGER]?.value ?? 0, buttons[RIGHT_TRIGGER]?.value ?? 0],
    isDown: (button) => buttons[button]?.pressed ?? false,
  };
}

/** Up to four gamepads, plugged in and out at will, and the on-screen pad. */
export class GamepadInput {
  readonly #options: GamepadInputOptions;
  #pads: readonly ConnectedPad[] = [];
  #enabled = true;
  #activeUntilMs = 0;
  #cancelFrame: (() => void) | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(options: GamepadInputOptions) {
    this.#options = options;
    options.window.addEventListener('gamepadconnected', this.#handleChange);
    options.window.addEventListener('gamepaddisconnected', this.#handleChange);
    options.virtualPad.listen(this.#handleVirtual);
    this.#refresh();
  }

  setEnabled(enabled: boolean): void {
    this.#enabled = enabled;
  }

  /** The worker was told to release everything. */
  forget(): void {
    for (const pad of this.#pads) {
      const reading = this.#reading(pad);
      if (reading) pad.reporter.forget(reading);
    }
  }

  /** A new connection: the worker learns of every pad anew. */
  handleConnected(): void {
    const atMs = this.#options.scheduler.now();
    for (const { reporter } of this.#pads) {
      this.#options.sendEdge({ type: 'pad-connected', pad: reporter.pad }, atMs);
    }
  }

  /** Shakes a pad; those that cannot, do not. */
  rumble(pad: number, strong: number, weak: number, durationMs: number): void {
    const connected = this.#pads.find(({ reporter }) => reporter.pad === pad);
    if (!connected) return;
    if (connected.source === 'screen') {
      this.#options.virtualPad.rumble(Math.max(strong, weak), durationMs);
      return;
    }
    const actuator = this.#gamepad(connected.source)?.vibrationActuator;
    actuator
      ?.playEffect('dual-rumble', {
        duration: durationMs,
        strongMagnitude: strong,
        weakMagnitude: weak,
      })
      .catch((error: unknown) => console.error('This gamepad does not rumble.', error));
  }

  close(): void {
    this.#options.window.removeEventListener('gamepadconnected', this.#handleChange);
    this.#options.window.removeEventListener('gamepaddisconnected', this.#handleChange);
    this.#options.virtualPad.listen(undefined);
    this.#cancelFrame?.();
    this.#cancelTimer?.();
  }

  readonly #handleChange = (): void => this.#refresh();

  readonly #handleVirtual = (): void => {
    this.#refresh();
    this.#activeUntilMs = this.#options.scheduler.now() + ACTIVE_FOR_MS;
    this.#poll();
    this.#schedule();
  };

  /** Compares what is plugged in with what the game knows. */
  #refresh(): void {
    const { scheduler, sendEdge, virtualPad } = this.#options;
    const present = new Map<number | 'screen', string>();
    for (const gamepad of this.#options.getGamepads()) {
      if (gamepad?.connected) present.set(gamepad.index, gamepad.id);
    }
    if (virtualPad.connected) present.set('screen', 'On-screen pad');
    const kept: ConnectedPad[] = [];
    let changed = false;
    for (const pad of this.#pads) {
      if (present.delete(pad.source)) {
        kept.push(pad);
        continue;
      }
      changed = true;
      sendEdge({ type: 'pad-disconnected', pad: pad.reporter.pad }, scheduler.now());
    }
    for (const [source, name] of present) {
      const pad = this.#freeNumber(kept);
      if (pad === undefined) break;
      const reporter = new PadReporter(pad, sendEdge, this.#options.sendMotion);
      kept.push({ source, name, reporter });
      changed = true;
      sendEdge({ type: 'pad-connected', pad }, scheduler.now());
    }
    if (!changed) return;
    this.#pads = kept;
    this.#options.handlePads(kept.map(({ reporter, name }) => ({ pad: reporter.pad, name })));
    this.#schedule();
  }

  #freeNumber(pads: readonly ConnectedPad[]): number | undefined {
    for (let number = 0; number < MAX_PADS; number++) {
      if (!pads.some(({ reporter }) => reporter.pad === number)) return number;
    }
    return undefined;
  }

  #schedule(): void {
    if (this.#pads.length === 0) return;
    this.#cancelFrame ??= this.#options.onAnimationFrame(() => {
      this.#cancelFrame = undefined;
      this.#poll();
      this.#schedule();
    });
    if (this.#cancelTimer || this.#options.scheduler.now() >= this.#activeUntilMs) return;
    this.#cancelTimer = this.#options.scheduler.after(ACTIVE_INTERVAL_MS, () => {
      this.#cancelTimer = undefined;
      this.#poll();
      this.#schedule();
    });
  }

  #poll(): void {
    if (!this.#enabled) return;
    const nowMs = this.#options.scheduler.now();
    for (const pad of this.#pads) {
      const reading = this.#reading(pad);
      if (!reading) continue;
      const atMs = this.#changedAtMs(pad, nowMs);
      if (pad.reporter.handleReading(reading, atMs, nowMs)) {
        this.#activeUntilMs = nowMs + ACTIVE_FOR_MS;
      }
    }
  }

  /** When a pad read now changed: a stamp older than an animation frame is of an earlier change. */
  #changedAtMs(pad: ConnectedPad, nowMs: number): number {
    const stamp = pad.source === 'screen' ? 0 : (this.#gamepad(pad.source)?.timestamp ?? 0);
    return nowMs - stamp > FRAME_MS ? nowMs : eventTimeMs(stamp, nowMs);
  }

  #gamepad(index: number): Gamepad | undefined {
    return this.#options.getGamepads().find((gamepad) => gamepad?.index === index) ?? undefined;
  }

  #reading(pad: ConnectedPad): PadReading | undefined {
    if (pad.source === 'screen') return this.#options.virtualPad.reading;
    const gamepad = this.#gamepad(pad.source);
    return gamepad && gamepadReading(gamepad);
  }
}
