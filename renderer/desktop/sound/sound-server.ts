import { constants, openSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import type { RockpoolError } from '../../../protocol/errors.ts';
import type { Clock, Scheduler } from '../../clock.ts';
import type { SoundBlock } from '../../game-runtime.ts';
import { BlockCutter } from './block-cutter.ts';
import type { SoundDaemon, StartSoundDaemon } from './sound-daemon.ts';
import { startSoundDaemon } from './start-sound-daemon.ts';

/** All that a pipe holds (pipe(7)): one read takes what a stall of this process left there. */
const READ_BYTES = 65_536;

/** Where a sound server reports. Calls never throw. */
export interface SoundServerListener {
  /** Every 10 ms; where nothing plays silence, or none. Its memory is reused. */
  handleBlock(block: SoundBlock): void;
  /** There is no sound any more; comes once, and not after a close. The game can go on. */
  handleFailure(error: RockpoolError): void;
}

export interface SoundServerOptions {
  /** Made, and removed by `close()`; belongs to this server alone. */
  readonly folder: string;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** What mixes; whichever is installed, where left out. */
  readonly startDaemon?: StartSoundDaemon;
}

/**
 * Variables for programs that shall be heard.
 * @param socketPath where they see {@link SoundServer.socketPath}.
 */
export function soundEnvironment(socketPath: string): Record<string, string> {
  return { PULSE_SERVER: `unix:${socketPath}` };
}

/** What native programs of one session play, as blocks of 10 ms. */
export class SoundServer {
  readonly #folder: string;
  readonly #daemon: SoundDaemon;
  readonly #reader: Socket;
  #suspended = false;
  #closing: Promise<void> | undefined;

  private constructor(
    { folder, clock }: SoundServerOptions,
    daemon: SoundDaemon,
    listener: SoundServerListener,
  ) {
    this.#folder = folder;
    this.#daemon = daemon;
    const cutter = new BlockCutter((block) => {
      if (!this.#suspended && !this.#closing) listener.handleBlock(block);
    });
    this.#reader = openReader(daemon.fifoPath, (bytes) => cutter.cut(bytes, clock.nowUs()));
    daemon.exited.then((error) => {
      this.#reader.destroy();
      if (!this.#closing) listener.handleFailure(error);
    });
  }

  /**
   * @throws RockpoolError `missing-package` where there is neither PulseAudio nor PipeWire, `internal`
   * where it does not start, `bad-configuration` where the folder's path is too long for a socket.
   */
  static async open(
    options: SoundServerOptions,
    listener: SoundServerListener,
  ): Promise<SoundServer> {
    const { folder, scheduler, startDaemon = startSoundDaemon } = options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    let daemon: SoundDaemon | undefined;
    try {
      daemon = await startDaemon(folder, scheduler);
      return new SoundServer(options, daemon, listener);
    } catch (error) {
      await daemon?.close();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** To be shown to the game's sandbox, and nothing else of the folder. */
  get socketPath(): string {
    return this.#daemon.socketPath;
  }

  /** While suspended no block is delivered; programs play on, unheard. */
  setSuspended(suspended: boolean): void {
    this.#suspended = suspended;
  }

  /** Idempotent; resolves when process, sockets and folder are gone. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#reader.destroy();
    await this.#daemon.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** @param handleBytes gets memory that is written again by the next read. */
function openReader(fifoPath: string, handleBytes: (bytes: Uint8Array) => void): Socket {
  const buffer = new Uint8Array(READ_BYTES);
  const onread: OnReadOpts = {
    buffer,
    callback: (length) => {
      handleBytes(buffer.subarray(0, length));
      return true;
    },
  };
  // Node takes `onread` here as in `connect`; its types do not say so.
  const options: SocketConstructorOpts & { onread: OnReadOpts } = {
    fd: openSync(fifoPath, constants.O_RDONLY | constants.O_NONBLOCK),
    readable: true,
    writable: false,
    onread,
  };
  const reader = new Socket(options);
  // Its only writer is the daemon, whose exit tells more.
  reader.on('error', () => undefined);
  return reader;
}
