import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { RockpoolError } from '../../protocol/errors.ts';
import type { Scheduler } from '../clock.ts';
import {
  ARGUMENTS_FD,
  GATE_FD,
  INFO_FD,
  READY_FD,
  type SandboxCommand,
} from './bubblewrap-command.ts';
import { SYSTEM_PATH } from './host-programs.ts';
import { processStat } from './owner-mark.ts';
import { treeOf } from './process-tree.ts';
import type { ProgramLog } from './program-log.ts';
import type { ProgramExit } from './program-order.ts';

const infoSchema = z.object({ 'child-pid': z.int().positive() });

/**
 * A program that writes faster is held up: 64 KiB each 10 ms is plenty for a log, and costs the
 * session's process next to nothing.
 */
const LOG_BURST_BYTES = 64 * 1024;
const LOG_PAUSE_MS = 10;

/** A shell says 128 plus the signal's number; so does bwrap. */
const SIGNAL_BASE = 128;

/** The processes of a sandbox: bwrap's monitor, its first process inside, and the program. */
export class SandboxProcess {
  readonly #monitor: ChildProcess;
  readonly #log: ProgramLog;
  readonly #scheduler: Scheduler;
  readonly #info: Promise<string>;
  readonly #ready: Promise<unknown>;
  /** Once all processes are gone and all they wrote is in the log. */
  readonly exited: Promise<ProgramExit>;
  #rootPid: number | undefined;
  #programPid: number | undefined;
  #gone = false;

  constructor(
    command: SandboxCommand,
    stdio: 'log' | 'pipes',
    log: ProgramLog,
    scheduler: Scheduler,
  ) {
    this.#log = log;
    this.#scheduler = scheduler;
    // Where its stdin is a socket, bash would read the user's start-up file.
    this.#monitor = spawn('/bin/bash', ['--norc', ...command.args], {
      env: { PATH: SYSTEM_PATH },
      cwd: '/',
      stdio: [
        stdio === 'pipes' ? 'pipe' : 'ignore',
        ...Array<'pipe'>(2 + GATE_FD - ARGUMENTS_FD + 1 + command.inputs.length).fill('pipe'),
      ],
    });
    for (const stream of this.#monitor.stdio) {
      // EPIPE of one that ended early; its end is told by `exited`, and why by the log.
      stream?.on('error', () => undefined);
    }
    this.#info = textOf(this.#readable(INFO_FD));
    this.#ready = once(this.#readable(READY_FD), 'data');
    this.#ready.catch(() => undefined);
    this.#writable(ARGUMENTS_FD).end(command.bwrapOptions);
    for (const [i, content] of command.inputs.entries()) {
      this.#writable(GATE_FD + 1 + i).end(content);
    }
    const logged = [this.#readable(2), ...(stdio === 'log' ? [this.#readable(1)] : [])];
    this.exited = this.#untilGone(logged.map((stream) => this.#follow(stream)));
    this.exited.catch(() => undefined);
  }

  /** Of bwrap outside; whatever the sandbox is made of hangs on it. */
  get monitorPid(): number {
    return this.#monitor.pid ?? 0;
  }

  get pipes(): { readonly stdin: Writable; readonly stdout: Readable } | undefined {
    const { stdin, stdout } = this.#monitor;
    return stdin && stdout ? { stdin, stdout } : undefined;
  }

  /**
   * Resolves once everything inside is in place and the program waits to be let in.
   * @returns the host's pid of the first process inside.
   * @throws RockpoolError `internal` where the machine cannot make the sandbox.
   */
  async untilReady(): Promise<number> {
    const ready = await Promise.race([this.#ready.then(() => true), this.exited.then(() => false)]);
    if (!ready) {
      throw new RockpoolError(
        'internal',
        `The sandbox could not be made: ${this.#log.tail(1000).trim() || 'no reason given'}`,
      );
    }
    const root = infoSchema.parse(JSON.parse(await this.#info))['child-pid'];
    this.#rootPid = root;
    const children = await readFile(`/proc/${root}/task/${root}/children`, 'latin1');
    this.#programPid = Number.parseInt(children, 10);
    return root;
  }

  /** Lets the program run. */
  release(): void {
    this.#writable(GATE_FD).end('\n');
  }

  /** SIGTERM to the program; what it started is its own to end. */
  async requestEnd(): Promise<void> {
    const [program, root] = [this.#programPid, this.#rootPid];
    if (program !== undefined && root !== undefined) await this.#signal(program, root, 'SIGTERM');
  }

  /**
   * Stops every process where it is, or lets all go on. Who is starting others at that moment may need
   * a second round: as long as one is found that was not there before.
   */
  async setPaused(paused: boolean): Promise<void> {
    const root = this.#rootPid;
    if (root === undefined) return;
    const reached = new Set([root]);
    for (;;) {
      const found = (await treeOf(root)).filter((pid) => !reached.has(pid));
      if (found.length === 0 || this.#gone) return;
      for (const pid of found) {
        reached.add(pid);
        sendIfThere(pid, paused ? 'SIGSTOP' : 'SIGCONT');
      }
    }
  }

  /** Ends every process; {@link exited} tells when that is done. */
  async killAll(): Promise<void> {
    // With its first process the kernel ends a whole PID namespace, and bwrap's monitor follows.
    const root = this.#rootPid;
    if (root !== undefined && (await this.#signal(root, this.monitorPid, 'SIGKILL'))) return;
    if (!this.#gone) this.#monitor.kill('SIGKILL');
  }

  /** The parent is checked because a pid may belong to another process by now. */
  async #signal(pid: number, parent: number, signal: NodeJS.Signals): Promise<boolean> {
    const stat = await processStat(pid);
    if (this.#gone || Number(stat?.[1]) !== parent) return false;
    return sendIfThere(pid, signal);
  }

  async #untilGone(logged: readonly Promise<void>[]): Promise<ProgramExit> {
    const [code, signal]: [number | null, NodeJS.Signals | null] = await new Promise(
      (resolve, reject) => {
        this.#monitor.once('error', reject);
        this.#monitor.once('exit', (...status) => resolve(status));
      },
    );
    this.#gone = true;
    // The monitor leaves when the program does; the kernel then ends what the program left behind.
    while (this.#rootPid !== undefined && (await isAlive(this.#rootPid))) await delay(2);
    await Promise.all(logged);
    if (signal) return { kind: 'signal', signal };
    const number = (code ?? 0) - SIGNAL_BASE;
    const name = signalNames.get(number);
    return name ? { kind: 'signal', signal: name } : { kind: 'exit', code: code ?? 0 };
  }

  /** Resolves at the end of the stream, which comes when all that could write to it are gone. */
  #follow(stream: Readable): Promise<void> {
    let burst = 0;
    stream.on('data', (chunk: Buffer) => {
      this.#log.append(chunk);
      burst += chunk.length;
      if (burst < LOG_BURST_BYTES || this.#gone) return;
      burst = 0;
      stream.pause();
      this.#scheduler.after(LOG_PAUSE_MS, () => stream.resume());
    });
    return new Promise((resolve) => stream.once('close', resolve));
  }

  #readable(fd: number): Readable {
    return this.#monitor.stdio[fd] as Readable;
  }

  #writable(fd: number): Writable {
    return this.#monitor.stdio[fd] as Writable;
  }
}

const signalNames = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]),
);

async function isAlive(pid: number): Promise<boolean> {
  const state = (await processStat(pid))?.[0];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}

function sendIfThere(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}
