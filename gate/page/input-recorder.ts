import { decodeInput, type InputMessage, POINTER_MAX } from '../../protocol/input-messages.ts';
import { decodeMotion } from '../../protocol/motion-messages.ts';
import type { InputEvent } from '../input-script.ts';
import { followSentMessages } from './sent-messages.ts';

/*
 * Put into a page before its own scripts: notes what the player's input layer makes of a person's
 * keys, buttons, wheel and pointer, as it is sent to the game. What goes to menus and the browser is
 * not the game's, and is not noted.
 */

/** Positions say more than a game can show at 60 pictures a second. */
const POINTER_INTERVAL_MS = 8;

function fraction(position: number): number {
  return Math.round((position / POINTER_MAX) * 1e4) / 1e4;
}

type Edge = Extract<InputEvent, { readonly down: boolean }>;

/** What was noted since it was last taken, and what would have to be let go if it were over now. */
interface Taken {
  readonly events: readonly InputEvent[];
  readonly releases: readonly InputEvent[];
  readonly untold: readonly string[];
  readonly lengthMs: number;
}

class InputRecorder {
  #events: InputEvent[] = [];
  #startMs = 0;
  #pointerMs = Number.NEGATIVE_INFINITY;
  /** What went by that no script can hold. */
  readonly #untold = new Set<string>();
  readonly #held = new Map<string, Edge>();

  constructor() {
    followSentMessages((label, data) => this.#handleSent(label, data));
  }

  /** Notes what is done from now on. */
  start(): void {
    this.#events = [];
    this.#untold.clear();
    this.#held.clear();
    this.#startMs = performance.now();
  }

  take(): Taken {
    const lengthMs = Math.round(performance.now() - this.#startMs);
    const events = this.#events;
    this.#events = [];
    return { events, releases: this.#releases(lengthMs), untold: [...this.#untold], lengthMs };
  }

  #handleSent(label: string, data: Uint8Array): void {
    const atMs = Math.max(0, Math.round(performance.now() - this.#startMs));
    if (label === 'input') this.#handleInput(decodeInput(data), atMs);
    if (label !== 'motion') return;
    const motion = decodeMotion(data);
    if (motion.type === 'pad') this.#untold.add('gamepad');
    if (motion.type !== 'pointer') return;
    if (motion.sumX !== 0 || motion.sumY !== 0) this.#untold.add('captured pointer');
    if (atMs - this.#pointerMs < POINTER_INTERVAL_MS) return;
    this.#pointerMs = atMs;
    this.#events.push({ type: 'pointer', atMs, x: fraction(motion.x), y: fraction(motion.y) });
  }

  #handleInput(input: InputMessage, atMs: number): void {
    switch (input.type) {
      case 'key': {
        const event: Edge = { type: 'key', atMs, code: input.code, down: input.down };
        this.#hold(`key ${input.code}`, input.down, event);
        break;
      }
      case 'button': {
        const { button, down } = input;
        if (button > 4) break;
        const at = { x: fraction(input.x), y: fraction(input.y) };
        this.#hold(`button ${button}`, down, { type: 'button', atMs, button, down, ...at });
        break;
      }
      case 'wheel':
        this.#events.push({ type: 'wheel', atMs, dx: input.dx, dy: input.dy });
        break;
      case 'release-all':
        this.#releaseAll(atMs);
        break;
      case 'text':
        break;
      default:
        this.#untold.add('gamepad');
    }
  }

  #hold(name: string, down: boolean, event: Edge): void {
    // A key let go that was pressed before the recording has no beginning here.
    if (!down && !this.#held.delete(name)) return;
    if (down) this.#held.set(name, event);
    this.#events.push(event);
  }

  #releaseAll(atMs: number): void {
    this.#events.push(...this.#releases(atMs));
    this.#held.clear();
  }

  #releases(atMs: number): InputEvent[] {
    return [...this.#held.values()].map((event) => ({ ...event, atMs, down: false }));
  }
}

declare global {
  interface Window {
    inputRecorder?: InputRecorder;
  }
}

window.inputRecorder = new InputRecorder();
