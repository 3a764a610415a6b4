import type { EndReason } from '../../protocol/session-state.ts';
import type { Build } from '../../renderer/builds/build-folder.ts';

/** A machine of the pool, as whoever started it has it. */
export interface Container {
  /** Resolves when signaling has taken this container in for the first time. */
  readonly joined: Promise<void>;
  /** Why some games are not offered and what to do about it, each; none where nothing is missing. */
  readonly advice: readonly string[];
  /**
   * Offers another state of an offered build: its sessions end with `build-changed`. Resolves when
   * they have. What the library says of it stays until the container joins again.
   */
  replaceBuild(build: Build): Promise<void>;
  /** Lets whoever has it look after this container for 30 days. */
  consoleToken(): Promise<string>;
  /** Takes no new session. Resolves when the running ones are over, or as many milliseconds later. */
  drain(deadlineMs: number): Promise<void>;
  /**
   * Ends every session and leaves.
   * @param reason `pool-closing` where there will be no other machine to go to.
   */
  close(reason?: EndReason): Promise<void>;
}
