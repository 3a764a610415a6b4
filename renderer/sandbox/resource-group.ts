import type { BuildLimits } from '../../protocol/build-manifest.ts';
import type { LimitName } from './program-order.ts';

/** How the machine holds a session to its limits. */
export type ResourceGroupKind = 'v1' | 'v2' | 'none';

/** What a session may use, in the machine's units. */
export interface GroupLimits {
  readonly memoryBytes: number;
  /** Processes and threads. */
  readonly processes: number;
  readonly cpus: number;
}

/** Bubblewrap itself: its monitor, and its first process inside. */
const OWN_PROCESSES = 2;

const MIB = 1024 * 1024;

/**
 * A full home folder lies in memory too, and must not cost the program the memory it was promised;
 * what it puts into `/tmp` and `/dev/shm` comes out of that.
 */
export function groupLimitsOf(limits: BuildLimits): GroupLimits {
  return {
    memoryBytes: (limits.memoryMib + limits.diskMib) * MIB,
    processes: limits.processes + OWN_PROCESSES,
    cpus: limits.cpus,
  };
}

/** Holds all processes of one session to its limits. */
export interface ResourceGroup {
  readonly kind: ResourceGroupKind;
  /** A process joins by writing `0` to each of these. */
  readonly joinFiles: readonly string[];
  /** Called once the first process inside exists. @param rootPid its pid on the host. */
  follow(rootPid: number): void;
  /**
   * The limit that the program does not respect: it was killed for its memory, or keeps asking for
   * processes it does not get. Asked about once a second, and once more when it has ended.
   * @param hasFailed whether it has ended, and not well: one refused process may be why.
   */
  brokenLimit(hasFailed: boolean): Promise<LimitName | undefined>;
  /** Kills what is left in the group and removes it. */
  close(): Promise<void>;
}

/**
 * Refused processes between two checks from which on the program is a fork bomb, whatever it does
 * next. One that copes with a refusal (fewer threads in its pool) goes on with what it has.
 */
export const REFUSED_PROCESSES_AT_ONCE = 200;
/** Checks in a row with refusals after which it is one too, on a machine too slow for that many. */
export const REFUSING_CHECKS = 5;
