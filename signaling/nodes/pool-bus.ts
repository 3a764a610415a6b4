/**
 * What carries the words of one node of signaling to all others. They arrive in the order in which that
 * node said them, each at most once; some may get lost, as with everything they need to be carried.
 */
export interface PoolBus {
  /** Whether what is said now has a chance to arrive. */
  readonly connected: boolean;
  /**
   * Says something to every other node.
   * @param isPatient it may wait for a moment, together with what is said until then.
   */
  send(message: unknown, isPatient?: boolean): void;
  /** @param handle gets what others said, unparsed. Called once, before anything is sent. */
  listen(handle: (message: unknown) => void): void;
  /** May be called again. */
  close(): Promise<void>;
}
