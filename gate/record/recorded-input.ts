import { z } from 'zod';
import { type InputEvent, inputEventSchema, MAX_EVENTS, MAX_MS } from '../input-script.ts';

/** What the page's recorder hands over at a time. */
const takenSchema = z.strictObject({
  /** Since it was last asked. */
  events: z.array(inputEventSchema),
  /** What would have to be let go if it were over now. */
  releases: z.array(inputEventSchema),
  untold: z.array(z.string()),
  lengthMs: z.number().min(0),
});

/** For what is done from one time to the next, and for what is held in the end. */
const ROOM_EVENTS = 10_000;
const ROOM_MS = 10_000;

/** What a person did, gathered while they do it: a page that is closed takes along what it holds. */
export class RecordedInput {
  readonly #events: InputEvent[] = [];
  #releases: readonly InputEvent[] = [];
  #untold: readonly string[] = [];
  #lengthMs = 0;

  /** @throws ZodError for what is nothing that the recorder hands over. */
  add(taken: unknown): void {
    const { events, releases, untold, lengthMs } = takenSchema.parse(taken);
    this.#events.push(...events);
    this.#releases = releases;
    this.#untold = untold;
    this.#lengthMs = lengthMs;
  }

  /** Whether a script holds no more. */
  get isFull(): boolean {
    return this.#events.length > MAX_EVENTS - ROOM_EVENTS || this.#lengthMs > MAX_MS - ROOM_MS;
  }

  /** As a script may have them: all that is held is let go in the end. */
  get events(): InputEvent[] {
    return [...this.#events, ...this.#releases];
  }

  /** Devices whose use no script can hold. */
  get untold(): readonly string[] {
    return this.#untold;
  }

  get lengthMs(): number {
    return this.#lengthMs;
  }
}
