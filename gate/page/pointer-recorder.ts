import { POINTER_MAX } from '../../protocol/input-messages.ts';
import type { MotionMessage } from '../../protocol/motion-messages.ts';
import type { InputEvent } from '../input-script.ts';

type PointerMotion = Extract<MotionMessage, { readonly type: 'pointer' }>;
type Move = Extract<InputEvent, { readonly type: 'pointer' | 'movement' }>;

/** Positions say more than a game can show at 60 pictures a second. */
const INTERVAL_MS = 8;
/** As a script may have it. */
const MAX_MOVEMENT = 100_000;

/** A position as a fraction of the picture, to a tenth of a pixel of the largest. */
export function fractionOf(position: number): number {
  return Math.round((position / POINTER_MAX) * 1e4) / 1e4;
}

function limited(movement: number): number {
  return Math.min(Math.max(movement, -MAX_MOVEMENT), MAX_MOVEMENT);
}

/**
 * Makes of what a page sends of its pointer where that is, and by how far it moved while the page had
 * it captured. Of what comes in quick succession the last position is kept, and the sum of movements.
 */
export class PointerRecorder {
  readonly #note: (event: InputEvent) => void;
  #seq = 0;
  #sumX = 0;
  #sumY = 0;
  #at = { x: -1, y: -1 };
  #notedMs = Number.NEGATIVE_INFINITY;
  #pending: Move | undefined;

  constructor(note: (event: InputEvent) => void) {
    this.#note = note;
  }

  /** Notes what is done from now on. */
  start(): void {
    this.#pending = undefined;
    this.#notedMs = Number.NEGATIVE_INFINITY;
    this.#at = { x: -1, y: -1 };
  }

  handle({ seq, x, y, sumX, sumY }: PointerMotion, atMs: number): void {
    const isNewConnection = seq <= this.#seq;
    // Sums count from zero on each connection, and wrap at 2^32.
    const dx = (sumX - (isNewConnection ? 0 : this.#sumX)) | 0;
    const dy = (sumY - (isNewConnection ? 0 : this.#sumY)) | 0;
    this.#seq = seq;
    this.#sumX = sumX;
    this.#sumY = sumY;
    if (dx !== 0 || dy !== 0) this.#move(dx, dy, atMs);
    this.#place(fractionOf(x), fractionOf(y), atMs);
    if (atMs - this.#notedMs >= INTERVAL_MS) this.flush();
  }

  /** Notes what waits, before anything else is: a button is pressed where the pointer is. */
  flush(): void {
    if (!this.#pending) return;
    this.#notedMs = this.#pending.atMs;
    this.#note(this.#pending);
    this.#pending = undefined;
  }

  #move(dx: number, dy: number, atMs: number): void {
    if (this.#pending?.type !== 'movement') this.flush();
    const { dx: beforeX, dy: beforeY } =
      this.#pending?.type === 'movement' ? this.#pending : { dx: 0, dy: 0 };
    this.#pending = {
      type: 'movement',
      atMs,
      dx: limited(beforeX + dx),
      dy: limited(beforeY + dy),
    };
  }

  #place(x: number, y: number, atMs: number): void {
    // Each message says where the pointer is, whatever it is sent for.
    if (x === this.#at.x && y === this.#at.y) return;
    this.#at = { x, y };
    if (this.#pending?.type !== 'pointer') this.flush();
    this.#pending = { type: 'pointer', atMs, x, y };
  }
}
