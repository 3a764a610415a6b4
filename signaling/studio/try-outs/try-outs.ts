import type { BuildId } from '../../../protocol/studio-builds.ts';

/** Has builds started on containers, to see whether they run. */
export interface TryOuts {
  /**
   * For a build that has become `trying`, or was so when this process began. May be called again for
   * one that is under way. It moves on to `ready` or `failed` by itself; until then its `stateDetail`
   * says what it waits for.
   */
  start(buildId: BuildId): void;
  /** Gives up what is under way; those builds stay `trying`. May be called again. */
  close(): Promise<void>;
}
