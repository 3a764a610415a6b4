import { MemoryStudioReads, StudioMemory } from './memory-studio-reads.ts';
import { MemoryStudioRecords } from './memory-studio-records.ts';
import type { StudioRecords, StudioStore } from './studio-store.ts';

/** What is remembered of studios for as long as the process lives. */
export class MemoryStudioStore extends MemoryStudioReads implements StudioStore {
  readonly #check: () => void;
  readonly #state: { memory: StudioMemory };
  #last: Promise<unknown> = Promise.resolve();

  /** @param check throws what every call is to reject with. */
  constructor(check: () => void) {
    const state = { memory: new StudioMemory() };
    super(() => {
      check();
      return state.memory;
    });
    this.#check = check;
    this.#state = state;
  }

  /** One after the other, each on a copy that takes the place of the memory once it is done. */
  transact<T>(work: (records: StudioRecords) => Promise<T>): Promise<T> {
    const run = async () => {
      this.#check();
      const draft = structuredClone(this.#state.memory);
      const result = await work(new MemoryStudioRecords(() => draft));
      this.#state.memory = draft;
      return result;
    };
    const done = this.#last.then(run);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
