import { decodeInput, type InputMessage } from '../../protocol/input-messages.ts';
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
 * Turns the bytes of one connection's `input` and `motion` channels into game input. Each edge counts
 * once, whichever of its copies came first; stale motion is dropped, pointer sums become differences.
 * A new connection starts a new one of these.
 */
export class InputChannel {
  readonly #listener: InputListener;
  /** Newest motion sequence number seen, per pad and for the pointer. */
  readonly #lastMotionSeq = new Uint32Array(5);
  /** 0 before the first on this connection. */
  #lastInputSeq = 0;
  #sumX = 0;
  #sumY = 0;

  constructor(listener: InputListener) {
    this.#listener = listener;
  }

  /** @throws RockpoolError `bad-message`; nothing is applied then. */
  handleInputBytes(bytes: Uint8Array, receivedUs: number): void {
    const input = decodeInput(bytes);
    if (input.seq > this.#lastInputSeq) this.#apply(input, receivedUs);
  }

  /** @throws RockpoolError `bad-message`; nothing is applied then. */
  handleMotionBytes(bytes: Uint8Array, receivedUs: number): void {
    const motion = decodeMotion(bytes);
    if (motion.type === 'ping') {
      this.#listener.handlePing(motion.clientUs, receivedUs);
      return;
    }
    if (motion.type === 'copies') {
      this.#handleCopies(motion.inputs, receivedUs);
      return;
    }
    const slot = motion.type === 'pointer' ? POINTER_SLOT : motion.pad;
    if (motion.seq <= (this.#lastMotionSeq[slot] ?? 0)) return;
    this.#lastMotionSeq[slot] = motion.seq;
    this.#listener.handleInput(this.#toGameInput(motion), receivedUs);
  }

  /** Those whose turn it is; a hole can only be filled by what is still on its way. */
  #handleCopies(inputs: readonly InputMessage[], receivedUs: number): void {
    for (const input of inputs) {
      const isNext = this.#lastInputSeq === 0 || input.seq === this.#lastInputSeq + 1;
      if (isNext) this.#apply(input, receivedUs);
    }
  }

  #apply(input: InputMessage, receivedUs: number): void {
    this.#lastInputSeq = input.seq;
    this.#listener.handleInput(input, receivedUs);
  }

  #toGameInput(motion: Extract<MotionMessage, { type: 'pointer' | 'pad' }>): GameInput {
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
