/** What is in use of a process's memory at one moment, bytes. */
export interface MemoryUse {
  /** V8's heap. */
  readonly heap: number;
  /** Buffers outside of it. */
  readonly external: number;
}

/** Memory before and after one collection of garbage. */
export interface Collection {
  readonly before: MemoryUse;
  readonly after: MemoryUse;
}

/**
 * What was allocated from one moment to another, from how memory grew between collections. Buffers
 * are let go at any time, also between collections: of these it is the least it can have been.
 */
export function allocatedBetween(
  first: MemoryUse,
  collections: readonly Collection[],
  last: MemoryUse,
): MemoryUse {
  let heap = 0;
  let external = 0;
  let since = first;
  const add = (now: MemoryUse) => {
    heap += Math.max(0, now.heap - since.heap);
    external += Math.max(0, now.external - since.external);
  };
  for (const { before, after } of collections) {
    add(before);
    since = after;
  }
  add(last);
  return { heap, external };
}
