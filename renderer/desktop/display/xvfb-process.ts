import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { RockpoolError } from '../../../protocol/errors.ts';
import type { Resolution } from '../../../protocol/stream-settings.ts';
import type { Scheduler } from '../../clock.ts';
import { DOTS_PER_INCH } from './x-screen.ts';

/** Far beyond what was seen (0.1 s, 0.3 s on a loaded two-core machine). */
const START_TIMEOUT_MS = 10_000;

/** A server that was asked to end does so within milliseconds; one that hangs is not waited for. */
const CLOSE_GRACE_MS = 2_000;

/** What is kept of the server's last words, characters. */
const MAX_COMPLAINT = 1_000;

export interface XvfbOptions {
  /** Of the display. */
  readonly number: number;
  readonly authorityFile: string;
  /** RandR can make the screen smaller, and never larger than this. */
  readonly largest: Resolution;
  /**
   * Whether its System V shared memory is its own, in which its programs may then take part: it and
   * they hand pictures over in it, all at once. Else they go through the socket, strip by strip.
   */
  readonly ownMemory: boolean;
  /** Frames per second that games see; what the Present extension waits for. */
  readonly frameRate: number;
}

function argumentsFor({ number, authorityFile, largest, frameRate }: XvfbOptions): string[] {
  return [
    `:${number}`,
    // The server writes its number to this descriptor when it listens.
    ...['-displayfd', '3'],
    ...['-auth', authorityFile],
    ...['-screen', '0', `${largest.width}x${largest.height}x24`],
    ...['-dpi', String(DOTS_PER_INCH)],
    ...['-fakescreenfps', String(frameRate)],
    ...['-nolisten', 'tcp'],
    ...['+extension', 'GLX'],
    // The cursor travels beside the picture; see x-cursor.ts.
    '-nocursor',
    // No screen saver.
    ...['-s', '0'],
    // Ends with its last client, and so with the owner, which is one from the start to the end…
    '-terminate',
  ];
}

/** …and if the owner was killed before it was one, with it all the same (prctl(2), PR_SET_PDEATHSIG). */
const WITH_OWNER = ['setpriv', '--pdeathsig', 'TERM', '--'];
const OWN_MEMORY = ['unshare', '--ipc', '--'];

/** How those two say that there is no such program. */
const NO_SUCH_PROGRAM = 127;

/** An Xvfb and its end. */
export class XvfbProcess {
  /** Resolves when it has ended: undefined after `close`, else what is to be said about it. */
  readonly exited: Promise<RockpoolError | undefined>;
  readonly #scheduler: Scheduler;
  readonly #child: ChildProcess;
  #complaint = '';
  #closing = false;

  constructor(options: XvfbOptions, scheduler: Scheduler) {
    this.#scheduler = scheduler;
    const prefix = options.ownMemory ? [...WITH_OWNER, ...OWN_MEMORY] : WITH_OWNER;
    const [command = '', ...args] = [...prefix, 'Xvfb', ...argumentsFor(options)];
    this.#child = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      // A Ctrl-C in the terminal is for this process: games end before their display does.
      detached: true,
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-MAX_COMPLAINT);
    });
    this.exited = new Promise((resolve) => {
      this.#child.once('error', (cause) => resolve(cannotStart(cause)));
      this.#child.once('close', (code, signal) => {
        // One that was asked to end may yet have ended by itself before.
        const asked = this.#closing && (signal !== null || code === 0);
        if (asked) resolve(undefined);
        else resolve(code === NO_SUCH_PROGRAM ? missing() : this.#death(signal ?? `code ${code}`));
      });
    });
  }

  /** Undefined where it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Resolves once clients can connect.
   * @throws RockpoolError `missing-package` without Xvfb, `game-failed` where it does not start.
   */
  async started(): Promise<void> {
    let cancelTimeout = () => {};
    const timeout = new Promise<RockpoolError>((resolve) => {
      const error = new RockpoolError('game-failed', 'Xvfb did not start within 10 seconds.');
      cancelTimeout = this.#scheduler.after(START_TIMEOUT_MS, () => resolve(error));
    });
    const outcome = await Promise.race([this.#listening(), this.exited, timeout]);
    cancelTimeout();
    if (outcome === 'listening') return;
    throw outcome ?? new RockpoolError('game-failed', 'Xvfb was closed before it had a display.');
  }

  /** It cannot be used any more: ends it, and `exited` tells so. */
  abandon(): void {
    this.#child.kill('SIGTERM');
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#child.kill('SIGTERM');
    const cancelKill = this.#scheduler.after(CLOSE_GRACE_MS, () => this.#child.kill('SIGKILL'));
    await this.exited;
    cancelKill();
  }

  /** The server writes the number and the end of the line one by one: both are waited for. */
  #listening(): Promise<'listening'> {
    const numbers = this.#child.stdio[3] as Readable;
    let line = '';
    return new Promise((resolve) => {
      numbers.setEncoding('latin1').on('data', (text: string) => {
        line += text;
        if (line.endsWith('\n')) resolve('listening');
      });
    });
  }

  #death(how: string): RockpoolError {
    const said = this.#complaint.trim();
    const message = `The X server of the game ended (${how})${said ? `: ${said}` : '.'}`;
    return new RockpoolError('game-failed', message);
  }
}

function missing(cause?: Error): RockpoolError {
  const message = 'Xvfb or setpriv is missing; install the Debian packages xvfb and util-linux.';
  return new RockpoolError('missing-package', message, { cause });
}

function cannotStart(cause: Error): RockpoolError {
  if ('code' in cause && cause.code === 'ENOENT') return missing(cause);
  return new RockpoolError('game-failed', `Xvfb does not start: ${cause.message}.`, { cause });
}
