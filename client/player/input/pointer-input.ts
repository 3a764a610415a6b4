import { POINTER_MAX } from '../../../protocol/input-messages.ts';
import type { Scheduler } from '../scheduler.ts';
import { eventTimeMs } from './event-time.ts';
import type { InputEdge, Motion } from './input-sender.ts';
import { type Box, type Size, toPicture } from './picture-mapping.ts';

/** `MouseEvent.button` of each bit of `MouseEvent.buttons` (W3C UI Events §5.3.1). */
const BUTTON_OF_BIT = [0, 2, 1, 3, 4] as const;

/**
 * A mouse may report 8000 times a second; four to a 60 Hz frame lose nothing visible, as each
 * message carries the whole movement so far.
 */
const MOTION_INTERVAL_MS = 4;

/** `WheelEvent.deltaMode` 1 counts lines, 2 pages; what browsers scroll for one, in CSS pixels. */
const PIXELS_PER_WHEEL_UNIT = [1, 16, 800] as const;
const WHEEL_MAX = 32_767;

export interface PointerInputOptions {
  /** Listened on; takes pointer capture. */
  readonly target: HTMLElement;
  /** Events aimed at the target or at this are the game's. */
  readonly picture: EventTarget;
  readonly pictureBox: () => Box;
  readonly pictureSize: () => Size;
  readonly isLocked: () => boolean;
  readonly scheduler: Scheduler;
  readonly sendEdge: (edge: InputEdge, atMs: number) => void;
  readonly sendMotion: (motion: Motion) => void;
}

/** Mouse, pen and first touch to pointer positions, relative movement, buttons and wheel. */
export class PointerInput {
  readonly #options: PointerInputOptions;
  readonly #moveEvent: 'pointerrawupdate' | 'pointermove';
  #enabled = true;
  #buttons = 0;
  #x = (POINTER_MAX + 1) >> 1;
  #y = (POINTER_MAX + 1) >> 1;
  #sumX = 0;
  #sumY = 0;
  #lastMotionMs = Number.NEGATIVE_INFINITY;
  #cancelMotion: (() => void) | undefined;
  #wheelX = 0;
  #wheelY = 0;

  constructor(options: PointerInputOptions) {
    this.#options = options;
    const { target } = options;
    // Moves come at most once an animation frame as `pointermove`; the raw event does not wait.
    this.#moveEvent = 'onpointerrawupdate' in target ? 'pointerrawupdate' : 'pointermove';
    target.addEventListener('pointerdown', this.#handleButtons);
    target.addEventListener('pointerup', this.#handleButtons);
    target.addEventListener('pointermove', this.#handleButtons);
    target.addEventListener('pointercancel', this.#handleCancel);
    target.addEventListener(this.#moveEvent, this.#handleMove);
    target.addEventListener('wheel', this.#handleWheel, { passive: false });
    target.addEventListener('contextmenu', this.#handleContextMenu);
  }

  setEnabled(enabled: boolean): void {
    this.#enabled = enabled;
  }

  /** The worker was told to release everything. */
  forget(): void {
    this.#buttons = 0;
  }

  /** A new connection: relative movement counts from zero again. */
  handleConnected(): void {
    this.#sumX = 0;
    this.#sumY = 0;
  }

  close(): void {
    const { target } = this.#options;
    this.#cancelMotion?.();
    target.removeEventListener('pointerdown', this.#handleButtons);
    target.removeEventListener('pointerup', this.#handleButtons);
    target.removeEventListener('pointermove', this.#handleButtons);
    target.removeEventListener('pointercancel', this.#handleCancel);
    target.removeEventListener(this.#moveEvent, this.#handleMove);
    target.removeEventListener('wheel', this.#handleWheel);
    target.removeEventListener('contextmenu', this.#handleContextMenu);
  }

  #isForGame(event: Event): boolean {
    const { target, picture } = this.#options;
    return this.#enabled && (event.target === target || event.target === picture);
  }

  /** Further buttons pressed while one is held come as moves (W3C Pointer Events §4.2.1.1): compare the masks. */
  readonly #handleButtons = (event: Event): void => {
    const pointer = event as PointerEvent;
    if (!pointer.isPrimary || pointer.buttons === this.#buttons || !this.#isForGame(event)) return;
    if (event.type === 'pointerdown') {
      this.#options.target.focus({ preventScroll: true });
      // A pointer that is already gone cannot be captured, and need not be; nor need one that is
      // locked, for which browsers throw (W3C Pointer Events, "Setting pointer capture").
      if (pointer.isTrusted && !this.#options.isLocked())
        this.#options.target.setPointerCapture(pointer.pointerId);
    }
    this.#setButtons(pointer.buttons, pointer);
  };

  readonly #handleCancel = (event: Event): void => {
    const pointer = event as PointerEvent;
    if (pointer.isPrimary) this.#setButtons(0, pointer);
  };

  #setButtons(buttons: number, pointer: PointerEvent): void {
    if (!this.#options.isLocked()) this.#place(pointer);
    const atMs = eventTimeMs(pointer.timeStamp, this.#options.scheduler.now());
    const changed = buttons ^ this.#buttons;
    this.#buttons = buttons;
    for (const [bit, button] of BUTTON_OF_BIT.entries()) {
      if ((changed & (1 << bit)) === 0) continue;
      const down = (buttons & (1 << bit)) !== 0;
      this.#options.sendEdge({ type: 'button', down, button, x: this.#x, y: this.#y }, atMs);
    }
  }

  readonly #handleMove = (event: Event): void => {
    const pointer = event as PointerEvent;
    if (!pointer.isPrimary || !this.#isForGame(event)) return;
    if (this.#options.isLocked()) {
      this.#sumX += pointer.movementX;
      this.#sumY += pointer.movementY;
    } else {
      this.#place(pointer);
    }
    this.#requestMotion();
  };

  #place(pointer: PointerEvent): void {
    const { pictureBox, pictureSize } = this.#options;
    const { x, y } = toPicture(pictureBox(), pictureSize(), pointer.clientX, pointer.clientY);
    this.#x = x;
    this.#y = y;
  }

  #requestMotion(): void {
    if (this.#cancelMotion) return;
    const waitMs = this.#lastMotionMs + MOTION_INTERVAL_MS - this.#options.scheduler.now();
    if (waitMs <= 0) this.#sendMotion();
    else this.#cancelMotion = this.#options.scheduler.after(waitMs, () => this.#sendMotion());
  }

  #sendMotion(): void {
    this.#cancelMotion = undefined;
    this.#lastMotionMs = this.#options.scheduler.now();
    this.#options.sendMotion({
      type: 'pointer',
      x: this.#x,
      y: this.#y,
      sumX: Math.round(this.#sumX),
      sumY: Math.round(this.#sumY),
    });
  }

  readonly #handleWheel = (event: Event): void => {
    const wheel = event as WheelEvent;
    if (!this.#isForGame(event)) return;
    wheel.preventDefault();
    const scale = PIXELS_PER_WHEEL_UNIT[wheel.deltaMode] ?? 1;
    // Touchpads report fractions of a pixel: what rounding leaves is kept for the next event.
    this.#wheelX += wheel.deltaX * scale;
    this.#wheelY += wheel.deltaY * scale;
    const dx = Math.min(Math.max(Math.round(this.#wheelX), -WHEEL_MAX), WHEEL_MAX);
    const dy = Math.min(Math.max(Math.round(this.#wheelY), -WHEEL_MAX), WHEEL_MAX);
    if (dx === 0 && dy === 0) return;
    this.#wheelX -= dx;
    this.#wheelY -= dy;
    const atMs = eventTimeMs(wheel.timeStamp, this.#options.scheduler.now());
    this.#options.sendEdge({ type: 'wheel', dx, dy }, atMs);
  };

  readonly #handleContextMenu = (event: Event): void => {
    if (this.#isForGame(event)) event.preventDefault();
  };
}
