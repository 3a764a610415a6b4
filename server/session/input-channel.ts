import { decodeInput } from '../../protocol/input-messages.ts';
import { decodeMotion, type MotionMessage } from '../../protocol/motion-messages.ts';
import type { GameInput } from '../../renderer/game-runtime.ts';

/** Where decoded input goes. */
export interface InputListener {
  handleInput(input: GameInput, receivedUs: number): void;
  handlePing(clientUs: number, receivedUs: number): void;
}

/** Slots of {@link InputChannel} state: one pointer and four pads. */
const POINTER_SLOT = 4;

/**
 * Turns the bytes of one connection's `input` and `motion` channels into game input. Stale motion
 * is dropped, pointer sums become differences; a new connection starts a new one of these.
 */
export class InputChannel {
  readonly #listener: InputListener;
  /** Newest motion sequence number seen, per pad and for the pointer. */
  readonly #lastMotionSeq = new Uint32Array(5);
  #sumX = 0;
  #sumY = 0;

  constructor(listener: InputListener) {
    this.#listener = listener;
  }

  /** @throws RockpoolError `bad-message`; nothing is applied then. */
  handleInputBytes(bytes: Uint8Array, receivedUs: number): void {
    this.#listener.handleInput(decodeInput(bytes), receivedUs);
  }

  /** @throws RockpoolError `bad-message`; nothing is applied then. */
  handleMotionBytes(bytes: Uint8Array, receivedUs: number): void {
    const motion = decodeMotion(bytes);
    if (motion.type === 'ping') {
      this.#listener.handlePing(motion.clientUs, receivedUs);
      return;
    }
    const slot = motion.type === 'pointer' ? POINTER_SLOT : motion.pad;
    if (motion.seq <= (this.#lastMotionSeq[slot] ?? 0)) return;
    this.#lastMotionSeq[slot] = motion.seq;
    this.#listener.handleInput(this.#toGameInput(motion), receivedUs);
  }

  #toGameInput(motion: Exclude<MotionMessage, { type: 'ping' }>): GameInput {
    if (motion.type === 'pad') {
      const { pad, axes, triggers } = motion;
      return { type: 'pad-state', pad, axes, triggers };
    }
    // `| 0` takes the difference modulo 2^32, as the sums are.
    const dx = (motion.sumX - this.#sumX) | 0;
    const dy = (motion.sumY - this.#sumY) | 0;
    this.#sumX = motion.sumX;
    this.#sumY = motion.sumY;
    return { type: 'pointer-move', x: motion.x, y: motion.y, dx, dy };
  }
}
