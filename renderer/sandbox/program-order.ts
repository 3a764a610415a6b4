import type { Readable, Writable } from 'node:stream';
import type { BuildLimits } from '../../protocol/build-manifest.ts';
import type { ProgramUsage } from './program-usage.ts';

/** A file or folder of the host that the program sees. */
export interface SandboxBind {
  /** On the host, absolute. */
  readonly from: string;
  /** Inside, absolute. */
  readonly to: string;
  /** Read-only where left out. A socket is used through its own permissions either way. */
  readonly writable?: boolean;
  /** A device node, such as a virtual pad's `/dev/input/event7`. */
  readonly device?: boolean;
}

/** A small file made for the sandbox, read-only: an X authority, a client's configuration. */
export interface SandboxFile {
  /** Inside, absolute. */
  readonly to: string;
  readonly content: Uint8Array | string;
}

/** What to run, and what it may see and use. Every path but the `from`s is one inside. */
export interface ProgramOrder {
  readonly command: string;
  readonly args: readonly string[];
  /** All of its variables beside HOME, USER, LOGNAME, PATH, LANG, SHELL and XDG_RUNTIME_DIR. */
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute, inside. */
  readonly workingFolder: string;
  /** Folder of the host, seen read-only as `/game`; its files must be readable for everybody. */
  readonly buildFolder: string;
  readonly binds: readonly SandboxBind[];
  readonly files?: readonly SandboxFile[];
  /** The internet through slirp4netns; without it nothing but the program's own loopback. */
  readonly network: boolean;
  /**
   * A process whose System V shared memory it uses: that of its display, which takes pictures through
   * it. Only where the worker may enter namespaces; a memory of its own where left out.
   */
  readonly sharesMemoryWith?: number;
  /** The GPU's render nodes. */
  readonly gpu: boolean;
  readonly limits: BuildLimits;
  /** Letters, digits, `-` and `_`: part of the names of what the session leaves on the host. */
  readonly sessionName: string;
  /**
   * `log`: no input, all output in the log. `pipes`: {@link SandboxedProgram.pipes} are its stdin and
   * stdout, and the log has its stderr. `log` where left out.
   */
  readonly stdio?: 'log' | 'pipes';
  /** Lets it make user namespaces, for a browser that sandboxes its own pages. */
  readonly userNamespaces?: boolean;
  /** Where the log is also written, up to a size. */
  readonly logFile?: { readonly path: string; readonly maxBytes: number };
}

export type LimitName = 'memory' | 'processes' | 'disk';

/** How a program ended. */
export type ProgramExit =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'limit'; readonly limit: LimitName };

/**
 * An untrusted program and all it starts. Life: fill {@link homePath}, `start`, read it at any time,
 * `close`, which may come at any time and more than once.
 */
export interface SandboxedProgram {
  /**
   * The program's home folder as the host reaches it: before `start` an empty folder to put saves
   * into, afterwards its own, to read until `close`. The program writes there too: whoever reads it
   * follows no link.
   */
  readonly homePath: string;
  /** Who the program is on the host: what it is to connect to or read must let this user in. */
  readonly hostUser: { readonly uid: number; readonly gid: number };
  /** Its stdin and stdout, where the order asked for them and once it was started. */
  readonly pipes: { readonly stdin: Writable; readonly stdout: Readable } | undefined;
  /**
   * Resolves once the program is about to run in its place.
   * @throws RockpoolError `missing-package`, `resource-limit` or `internal` where the machine cannot
   * make the sandbox.
   */
  start(): Promise<void>;
  /** Once it and all it started are gone. Closed before its start: as if killed. */
  readonly exited: Promise<ProgramExit>;
  /** The end of what it wrote, at most 64 KiB. */
  logTail(maxBytes?: number): string;
  /** What it and all it started have used; undefined before its start and after its end. */
  usage(): Promise<ProgramUsage | undefined>;
  /** Stands still with all it started, or goes on; the last call counts. */
  setPaused(paused: boolean): Promise<void>;
  /** Asks it to end (SIGTERM) and ends it with all it started after a grace. */
  kill(): Promise<void>;
  /** Ends it at once and removes everything, its home too. */
  close(): Promise<void>;
}
