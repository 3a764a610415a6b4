import { decodeInput, type InputMessage } from '../../protocol/input-messages.ts';
import { decodeMotion } from '../../protocol/motion-messages.ts';
import type { InputEvent } from '../input-script.ts';
import { PadRecorder } from './pad-recorder.ts';
import { fractionOf, PointerRecorder } from './pointer-recorder.ts';
import { followSentMessages } from './sent-messages.ts';

/*
 * Put into a page before its own scripts: notes what the player's input layer makes of a person's
 * keys, buttons, wheel, pointer and gamepads, as it is sent to the game. What goes to menus and the
 * browser is not the game's, and is not noted.
 */

type Edge = Extract<InputEvent, { readonly type: 'key' | 'button' }>;

/** What was noted since it was last taken, and what would have to be let go if it were over now. */
interface Taken {
  readonly events: readonly InputEvent[];
  readonly releases: readonly InputEvent[];
  readonly untold: readonly string[];
  readonly lengthMs: number;
}

class InputRecorder {
  #events: InputEvent[] = [];
  /** Undefined before it is started: a page that is loaded anew holds nothing of a recording. */
  #startMs: number | undefined;
  #captured = false;
  /** What went by that no script can hold. */
  readonly #untold = new Set<string>();
  readonly #held = new Map<string, Edge>();
  readonly #pads = new PadRecorder((event) => this.#note(event));
  readonly #pointer = new PointerRecorder((event) => this.#events.push(event));

  constructor() {
    followSentMessages((label, data) => this.#handleSent(label, data));
    document.addEventListener('pointerlockchange', () => this.#handleCapture(this.#nowMs));
  }

  get #nowMs(): number {
    return Math.max(0, Math.round(performance.now() - (this.#startMs ?? 0)));
  }

  /** Notes what is done from now on. */
  start(): void {
    this.#events = [];
    this.#untold.clear();
    this.#held.clear();
    this.#startMs = performance.now();
    this.#captured = false;
    this.#pointer.start();
    this.#pads.start();
    this.#handleCapture(0);
  }

  take(): Taken | undefined {
    if (this.#startMs === undefined) return undefined;
    this.#pointer.flush();
    const lengthMs = this.#nowMs;
    const events = this.#events;
    this.#events = [];
    return { events, releases: this.#releases(lengthMs), untold: [...this.#untold], lengthMs };
  }

  #note(event: InputEvent): void {
    this.#pointer.flush();
    this.#events.push(event);
  }

  #handleSent(label: string, data: Uint8Array): void {
    if (label === 'input') this.#handleInput(decodeInput(data), this.#nowMs);
    if (label !== 'motion') return;
    const motion = decodeMotion(data);
    if (motion.type === 'pad') this.#pads.handleSticks(motion, this.#nowMs);
    if (motion.type === 'pointer') this.#pointer.handle(motion, this.#nowMs);
  }

  #handleCapture(atMs: number): void {
    const captured = document.pointerLockElement !== null;
    if (captured === this.#captured) return;
    this.#captured = captured;
    this.#note({ type: 'capture', atMs, captured });
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
        if (button > 4) {
          this.#untold.add('mouse buttons beyond the fifth');
          break;
        }
        const at = { x: fractionOf(input.x), y: fractionOf(input.y) };
        this.#hold(`button ${button}`, down, { type: 'button', atMs, button, down, ...at });
        break;
      }
      case 'wheel':
        this.#note({ type: 'wheel', atMs, dx: input.dx, dy: input.dy });
        break;
      case 'release-all':
        this.#releaseAll(atMs);
        break;
      case 'text':
        this.#untold.add('text that is not typed key by key');
        break;
      default:
        this.#pads.handleEdge(input, atMs);
    }
  }

  #hold(name: string, down: boolean, event: Edge): void {
    // A key let go that was pressed before the recording has no beginning here.
    if (!down && !this.#held.delete(name)) return;
    if (down) this.#held.set(name, event);
    this.#note(event);
  }

  #releaseAll(atMs: number): void {
    for (const event of this.#edgeReleases(atMs)) this.#note(event);
    this.#held.clear();
    this.#pads.releaseAll(atMs);
  }

  #edgeReleases(atMs: number): InputEvent[] {
    return [...this.#held.values()].map((event) => ({ ...event, atMs, down: false }));
  }

  #releases(atMs: number): InputEvent[] {
    const freed: InputEvent[] = this.#captured ? [{ type: 'capture', atMs, captured: false }] : [];
    return [...this.#edgeReleases(atMs), ...this.#pads.releases(atMs), ...freed];
  }
}

declare global {
  interface Window {
    inputRecorder?: InputRecorder;
  }
}

window.inputRecorder = new InputRecorder();
