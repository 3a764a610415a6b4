import { MAX_PAD_BUTTONS } from '../../../protocol/input-messages.ts';
import { withoutDeadZone } from '../../../protocol/stick-dead-zone.ts';
import type { InputEdge, Motion } from './input-sender.ts';

/** One reading of a pad, W3C standard gamepad layout. */
export interface PadReading {
  /** Left x, left y, right x, right y: −1 to 1, dead zone not yet taken out. */
  readonly axes: readonly [number, number, number, number];
  /** Left, right: 0 to 1. */
  readonly triggers: readonly [number, number];
  isDown(button: number): boolean;
}

const TRIGGER_DEAD_ZONE = 0.03;

/**
 * `motion` loses what the network loses. A change is said four times in all, so that the last
 * position of a stick survives the loss of three packets in a row, and a state other than rest goes on
 * being said, so that no loss at all can leave it stuck for more than a moment.
 */
const REPEATS = 3;
const REPEAT_INTERVAL_MS = 16;
const HELD_INTERVAL_MS = 100;

function trigger(value: number): number {
  return value <= TRIGGER_DEAD_ZONE ? 0 : Math.min(value, 1);
}

/** Turns the readings of one pad into button edges and stick states. */
export class PadReporter {
  readonly pad: number;
  readonly #sendEdge: (edge: InputEdge, atMs: number) => void;
  readonly #sendMotion: (motion: Motion) => void;
  #down = 0;
  #values: readonly number[] = [0, 0, 0, 0, 0, 0];
  #repeatsLeft = 0;
  #sentMs = 0;

  constructor(
    pad: number,
    sendEdge: (edge: InputEdge, atMs: number) => void,
    sendMotion: (motion: Motion) => void,
  ) {
    this.pad = pad;
    this.#sendEdge = sendEdge;
    this.#sendMotion = sendMotion;
  }

  /** Sends what changed since the last reading. True where something did. */
  handleReading(reading: PadReading, atMs: number, nowMs: number): boolean {
    const pressed = this.#sendEdges(reading, atMs);
    const [leftX, leftY] = withoutDeadZone(reading.axes[0], reading.axes[1]);
    const [rightX, rightY] = withoutDeadZone(reading.axes[2], reading.axes[3]);
    const left = trigger(reading.triggers[0]);
    const right = trigger(reading.triggers[1]);
    const values = [leftX, leftY, rightX, rightY, left, right];
    const moved = values.some((value, i) => value !== this.#values[i]);
    this.#values = values;
    const sinceMs = nowMs - this.#sentMs;
    if (moved) {
      this.#repeatsLeft = REPEATS;
      this.#send(nowMs);
    } else if (this.#repeatsLeft > 0 && sinceMs >= REPEAT_INTERVAL_MS) {
      this.#repeatsLeft--;
      this.#send(nowMs);
    } else if (sinceMs >= HELD_INTERVAL_MS && values.some((value) => value !== 0)) {
      this.#send(nowMs);
    }
    return pressed || moved;
  }

  /**
   * The worker was told to release everything. A button still held then (it chose something in a
   * menu, say) is not pressed for the game until it was let go; a stick still held is.
   */
  forget(reading: PadReading): void {
    this.#down = 0;
    for (let button = 0; button < MAX_PAD_BUTTONS; button++) {
      if (reading.isDown(button)) this.#down |= 1 << button;
    }
    this.#values = [0, 0, 0, 0, 0, 0];
    this.#repeatsLeft = 0;
  }

  #sendEdges(reading: PadReading, atMs: number): boolean {
    let down = 0;
    for (let button = 0; button < MAX_PAD_BUTTONS; button++) {
      if (reading.isDown(button)) down |= 1 << button;
    }
    const changed = down ^ this.#down;
    this.#down = down;
    for (let button = 0; changed >> button !== 0; button++) {
      if ((changed & (1 << button)) === 0) continue;
      const isDown = (down & (1 << button)) !== 0;
      this.#sendEdge({ type: 'pad-button', pad: this.pad, button, down: isDown }, atMs);
    }
    return changed !== 0;
  }

  #send(nowMs: number): void {
    this.#sentMs = nowMs;
    const [leftX = 0, leftY = 0, rightX = 0, rightY = 0, left = 0, right = 0] = this.#values;
    this.#sendMotion({
      type: 'pad',
      pad: this.pad,
      axes: [leftX, leftY, rightX, rightY],
      triggers: [left, right],
    });
  }
}
