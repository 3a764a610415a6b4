import { type Capacity, fits, without } from '../../protocol/capacity.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';

export interface SessionRoomOptions {
  /** Of all sessions together. */
  readonly capacity: Capacity;
  /** Sessions at once, however little each takes. */
  readonly slots: number;
  /** What the machine has left now, whoever uses the rest. */
  readonly availableMemoryBytes: () => number;
  /** Runs once after so many milliseconds; what it returns cancels that. */
  readonly after: (delayMs: number, task: () => void) => () => void;
  /** There is more room, or less. */
  readonly handleChange: () => void;
}

interface Taken {
  readonly slot: number;
  readonly needs: Capacity;
  /** In how many codecs its picture is encoded. */
  encodings: number;
  /** Undefined once the session has begun. */
  cancelExpiry: (() => void) | undefined;
}

/**
 * What sessions take of a container, and what is reserved for those to come. The container alone keeps
 * this account, so that no two signaling nodes can give one place away twice, and none that dies keeps
 * a place for ever.
 */
export class SessionRoom {
  readonly #options: SessionRoomOptions;
  readonly #taken = new Map<SessionId, Taken>();

  constructor(options: SessionRoomOptions) {
    this.#options = options;
  }

  get free(): Capacity {
    let free = this.#options.capacity;
    for (const taken of this.#taken.values()) free = without(free, wholeNeeds(taken));
    const memoryBytes = Math.min(free.memoryBytes, this.#options.availableMemoryBytes());
    return { ...free, memoryBytes };
  }

  get freeSlots(): number {
    return Math.max(0, this.#options.slots - this.#taken.size);
  }

  /** Whether anything at all may be taken. */
  get isEmpty(): boolean {
    return this.#taken.size === 0;
  }

  /**
   * Keeps room for a session until it is taken, released, or the time is over.
   * @throws RockpoolError `no-free-slot`
   */
  reserve(sessionId: SessionId, needs: Capacity, holdMs: number): void {
    const taken = this.#take(sessionId, needs);
    taken.cancelExpiry = this.#options.after(holdMs, () => this.release(sessionId));
    this.#options.handleChange();
  }

  /**
   * Takes room for a session that begins: what was reserved for it, else what is free.
   * @returns its slot, counted from 0, which no other session has meanwhile.
   * @throws RockpoolError `no-free-slot`
   */
  begin(sessionId: SessionId, needs: Capacity): number {
    const reserved = this.#taken.get(sessionId);
    if (reserved && !reserved.cancelExpiry) throw noRoom();
    reserved?.cancelExpiry?.();
    const taken = reserved ?? this.#take(sessionId, needs);
    taken.cancelExpiry = undefined;
    this.#options.handleChange();
    return taken.slot;
  }

  /** Nothing happens where the session has no room. */
  release(sessionId: SessionId): void {
    const taken = this.#taken.get(sessionId);
    if (!taken) return;
    taken.cancelExpiry?.();
    this.#taken.delete(sessionId);
    this.#options.handleChange();
  }

  /** Whether the picture of a session could be encoded once more, in another codec. */
  canEncodeAnother(sessionId: SessionId): boolean {
    const taken = this.#taken.get(sessionId);
    return taken !== undefined && taken.needs.pixelsPerSecond <= this.free.pixelsPerSecond;
  }

  /** Nothing happens where the session has no room. */
  handleEncodings(sessionId: SessionId, count: number): void {
    const taken = this.#taken.get(sessionId);
    if (!taken) return;
    taken.encodings = count;
    this.#options.handleChange();
  }

  /** Whether room is kept for a session that has not begun. */
  isReserved(sessionId: SessionId): boolean {
    return this.#taken.get(sessionId)?.cancelExpiry !== undefined;
  }

  close(): void {
    for (const { cancelExpiry } of this.#taken.values()) cancelExpiry?.();
  }

  #take(sessionId: SessionId, needs: Capacity): Taken {
    if (this.#taken.has(sessionId) || this.freeSlots === 0 || !fits(needs, this.free)) {
      throw noRoom();
    }
    const taken: Taken = {
      slot: this.#freeSlot(),
      needs,
      encodings: 1,
      cancelExpiry: undefined,
    };
    this.#taken.set(sessionId, taken);
    return taken;
  }

  #freeSlot(): number {
    const slots = new Set([...this.#taken.values()].map(({ slot }) => slot));
    let slot = 0;
    while (slots.has(slot)) slot++;
    return slot;
  }
}

function wholeNeeds({ needs, encodings }: Taken): Capacity {
  return encodings === 1 ? needs : { ...needs, pixelsPerSecond: needs.pixelsPerSecond * encodings };
}

function noRoom(): RockpoolError {
  return new RockpoolError('no-free-slot', 'This machine has no room for another session.');
}
