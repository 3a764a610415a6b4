import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type RockpoolError, toRockpoolError } from '../../../protocol/errors.ts';
import {
  DEFAULT_FRAME_RATE,
  RESOLUTIONS,
  type Resolution,
} from '../../../protocol/stream-settings.ts';
import { type Scheduler, systemScheduler } from '../../clock.ts';
import { writeAuthority } from './x-authority.ts';
import { XConnection } from './x-connection.ts';
import { XScreen } from './x-screen.ts';
import { XvfbProcess } from './xvfb-process.ts';

export interface XDisplayOptions {
  readonly resolution: Resolution;
  /** Holds the authority file; the owner removes it after `close`. Made where it is missing. */
  readonly folder: string;
  /** Frames per second: the refresh rate that games see and wait for, 1 to 600. Default 60. */
  readonly frameRate?: number;
  readonly scheduler?: Scheduler;
  /** Whether programs can be let into the server's shared memory; see {@link XDisplay.memoryOf}. */
  readonly ownMemory?: boolean;
}

/** An X server without a screen, for one session. */
export interface XDisplay {
  /** As in `DISPLAY`: `:N`. */
  readonly name: string;
  /** As in `XAUTHORITY`: nobody gets in without it. */
  readonly authorityFile: string;
  /** The server's socket in the file system. */
  readonly socketPath: string;
  /** The process whose shared memory programs should use; undefined where that is everybody's. */
  readonly memoryOf: number | undefined;
  /** Resolves when the server has ended: undefined after `close`, else what is to be said about it. */
  readonly exited: Promise<RockpoolError | undefined>;
  /**
   * Programs learn of it and draw anew, in their own time.
   * @throws RockpoolError `game-failed` where it is larger than the largest of `RESOLUTIONS`, and than
   * the display was opened with.
   */
  resize(resolution: Resolution): Promise<void>;
  /** Resolves when the server is gone and has left nothing behind. */
  close(): Promise<void>;
}

const LARGEST = RESOLUTIONS.reduce((a, b) => (a.width * a.height > b.width * b.height ? a : b));

/** A build may be made for more than a session can ask for. */
function largestFor({ width, height }: Resolution): Resolution {
  return { width: Math.max(width, LARGEST.width), height: Math.max(height, LARGEST.height) };
}

/** Below these people and programs choose numbers; above there are no ports for them (6000 + n). */
const NUMBERS = { first: 1_000, end: 59_000 };

/**
 * Starts Xvfb on a display number that nobody else will choose. Xvfb would find a free one itself, and
 * two that begin and end at the same moment then take each other's socket away: a server closes what
 * reserves its number before it removes the socket's name.
 * @throws RockpoolError `missing-package` without Xvfb, `game-failed` where it does not start.
 */
export async function openDisplay(options: XDisplayOptions): Promise<XDisplay> {
  const { resolution, folder, frameRate = DEFAULT_FRAME_RATE, ownMemory = false } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const authorityFile = join(folder, 'Xauthority');
  await writeAuthority(authorityFile);
  const number = freeNumber();
  const server = new XvfbProcess(
    { number, authorityFile, largest: largestFor(resolution), frameRate, ownMemory },
    options.scheduler ?? systemScheduler,
  );
  let traces: ServerTraces | undefined;
  let connection: XConnection | undefined;
  try {
    await server.started();
    traces = await ServerTraces.of(number, server.pid);
    connection = await XConnection.open({
      display: `:${number}`,
      authorityFile,
      handleFailure: () => server.abandon(),
    });
    const screen = await XScreen.open(connection, frameRate);
    await screen.resize(resolution);
    const memoryOf = ownMemory ? server.pid : undefined;
    return new XvfbDisplay(server, traces, connection, screen, authorityFile, memoryOf);
  } catch (thrown) {
    connection?.close();
    await server.close();
    await traces?.remove();
    // Why the server died says more than that it does not answer.
    throw (await server.exited) ?? toRockpoolError(thrown, 'game-failed');
  }
}

class XvfbDisplay implements XDisplay {
  readonly name: string;
  readonly authorityFile: string;
  readonly socketPath: string;
  readonly memoryOf: number | undefined;
  readonly exited: Promise<RockpoolError | undefined>;
  readonly #server: XvfbProcess;
  readonly #traces: ServerTraces;
  readonly #connection: XConnection;
  readonly #screen: XScreen;
  #closing: Promise<void> | undefined;

  constructor(
    server: XvfbProcess,
    traces: ServerTraces,
    connection: XConnection,
    screen: XScreen,
    authorityFile: string,
    memoryOf: number | undefined,
  ) {
    this.name = `:${traces.number}`;
    this.authorityFile = authorityFile;
    this.socketPath = traces.socketPath;
    this.memoryOf = memoryOf;
    this.exited = server.exited;
    this.#server = server;
    this.#traces = traces;
    this.#connection = connection;
    this.#screen = screen;
  }

  resize(resolution: Resolution): Promise<void> {
    return this.#screen.resize(resolution);
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async #shutDown(): Promise<void> {
    this.#screen.close();
    this.#connection.close();
    await this.#server.close();
    await this.#traces.remove();
  }
}

/**
 * What a server leaves behind when it is killed. Another server may have taken the number over since:
 * only a socket of the same inode, and a lock that names the same process, are removed.
 */
class ServerTraces {
  readonly number: number;
  readonly socketPath: string;
  readonly #lockPath: string;
  readonly #inode: number;
  readonly #pid: number | undefined;

  private constructor(number: number, inode: number, pid: number | undefined) {
    this.number = number;
    this.socketPath = socketPath(number);
    this.#lockPath = lockPath(number);
    this.#inode = inode;
    this.#pid = pid;
  }

  static async of(number: number, pid: number | undefined): Promise<ServerTraces> {
    const { ino } = await stat(socketPath(number));
    return new ServerTraces(number, ino, pid);
  }

  async remove(): Promise<void> {
    await unlessAbsent(async () => {
      const { ino } = await stat(this.socketPath);
      if (ino === this.#inode) await unlink(this.socketPath);
    });
    await unlessAbsent(async () => {
      const owner = await readFile(this.#lockPath, 'latin1');
      if (Number.parseInt(owner, 10) === this.#pid) await unlink(this.#lockPath);
    });
  }
}

function freeNumber(): number {
  for (;;) {
    const number = randomInt(NUMBERS.first, NUMBERS.end);
    if (!existsSync(socketPath(number)) && !existsSync(lockPath(number))) return number;
  }
}

/** Where X servers put their sockets on every Unix (xtrans). */
function socketPath(number: number): string {
  return `/tmp/.X11-unix/X${number}`;
}

function lockPath(number: number): string {
  return `/tmp/.X${number}-lock`;
}

async function unlessAbsent(task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT')) throw thrown;
  }
}
