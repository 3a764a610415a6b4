import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { RockpoolError } from '../../../protocol/errors.ts';
import type { Scheduler } from '../../clock.ts';
import { SOUND_CHANNELS, SOUND_SAMPLE_RATE } from '../../game-runtime.ts';
import { checkSocketPath, daemonEnded, type SoundDaemon, untilUp } from './sound-daemon.ts';

const NAME = 'PulseAudio';
/** It leaves in a few milliseconds. */
const STOP_TIMEOUT_MS = 2_000;
const MAX_COMPLAINT_CHARACTERS = 1_000;
/** Long enough that the breaks between a game's sounds are none: its stream stays open over them. */
const REST_AFTER_SECONDS = 3;

/**
 * The game may speak to the daemon and is not trusted: modules would write any file and run any code
 * as our user, so none is loaded once it is up; what clients upload has to fit into `rlimit-as`.
 * `allow-exit = no` would keep it from leaving at the end of our pipe, too: a game may end its sound.
 * There is no shared memory: that is found by a number that a sandbox's processes do not share.
 */
const CONFIGURATION = `\
daemonize = no
use-pid-file = no
exit-idle-time = -1
allow-module-loading = no
enable-shm = no
enable-memfd = no
realtime-scheduling = no
high-priority = no
flat-volumes = no
log-target = stderr
log-level = error
rlimit-as = 536870912
rlimit-core = 0
default-sample-format = float32le
default-sample-rate = ${SOUND_SAMPLE_RATE}
alternate-sample-rate = ${SOUND_SAMPLE_RATE}
default-sample-channels = ${SOUND_CHANNELS}
`;

/** A PulseAudio of its own for one session, whose one sink writes into a FIFO. */
export class PulseDaemon implements SoundDaemon {
  readonly socketPath: string;
  readonly fifoPath: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #scheduler: Scheduler;
  readonly exited: Promise<RockpoolError>;
  #closing: Promise<void> | undefined;

  private constructor(folder: string, scheduler: Scheduler) {
    this.#scheduler = scheduler;
    this.socketPath = socketPathOf(folder);
    this.fifoPath = join(folder, 'samples');
    this.#child = spawn('pulseaudio', argumentsFor(this.socketPath, this.fifoPath), {
      // A session of its own: without a terminal the command line of its last module is our pipe,
      // at whose end it leaves (should this process be killed, too), and Ctrl+C does not reach it.
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: environmentIn(folder),
    });
    let complaint = '';
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-MAX_COMPLAINT_CHARACTERS);
    });
    // What is written to one that has just left is not missed: its exit says so.
    this.#child.stdin.on('error', () => undefined);
    this.exited = new Promise((resolve) => {
      this.#child.once('error', (cause) => resolve(notStarted(cause)));
      this.#child.once('close', (code, signal) => {
        resolve(daemonEnded(NAME, signal ? `signal ${signal}` : `exit code ${code}`, complaint));
      });
    });
  }

  /** See {@link StartSoundDaemon}. */
  static async start(folder: string, scheduler: Scheduler): Promise<PulseDaemon> {
    checkSocketPath(socketPathOf(folder));
    await mkdir(join(folder, 'run'), { mode: 0o700 });
    await writeFile(join(folder, 'daemon.conf'), CONFIGURATION);
    const daemon = new PulseDaemon(folder, scheduler);
    try {
      await daemon.#ready();
    } catch (error) {
      await daemon.close();
      throw error;
    }
    return daemon;
  }

  /** Idempotent; resolves when its process is gone. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#child.stdin.end();
    const cancelKill = this.#scheduler.after(STOP_TIMEOUT_MS, () => this.#child.kill('SIGKILL'));
    await this.exited;
    cancelKill();
  }

  /** Its command line is loaded last: when that answers, everything is there. */
  async #ready(): Promise<void> {
    const answer = new Promise<void>((resolve) => {
      this.#child.stdout.once('data', () => resolve());
    });
    this.#child.stdin.write('list-sinks\n');
    await untilUp(NAME, answer, this.exited, this.#scheduler);
    this.#child.stdout.resume();
  }
}

function socketPathOf(folder: string): string {
  return join(folder, 'native');
}

function argumentsFor(socketPath: string, fifoPath: string): string[] {
  const sink = [
    'module-pipe-sink',
    'sink_name=game',
    'sink_properties=device.description=Rockpool',
    `file=${quoted(fifoPath)}`,
    `rate=${SOUND_SAMPLE_RATE}`,
    'format=float32le',
    `channels=${SOUND_CHANNELS}`,
    // It writes at the pace of the clock, in blocks of 4096 bytes (10.7 ms) or what a program asks
    // for that wants less delay, and throws away what nobody reads.
    'use_system_clock_for_timing=yes',
  ];
  const native = [
    'module-native-protocol-unix',
    `socket=${quoted(socketPath)}`,
    'auth-anonymous=1',
    'auth-cookie-enabled=0',
  ];
  // To which nobody plays, it writes no silence: that would wake us a hundred times a second.
  const rest = ['module-suspend-on-idle', `timeout=${REST_AFTER_SECONDS}`];
  const commandLine = ['module-cli', 'exit_on_eof=1'];
  return ['-n', ...[rest, sink, native, commandLine].flatMap((module) => ['-L', module.join(' ')])];
}

/** As PulseAudio's module arguments have it. */
function quoted(path: string): string {
  return `"${path.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** Nothing of the user's own PulseAudio, neither settings nor sockets. */
function environmentIn(folder: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    LC_ALL: 'C',
    HOME: folder,
    XDG_RUNTIME_DIR: join(folder, 'run'),
    PULSE_RUNTIME_PATH: join(folder, 'run'),
    PULSE_STATE_PATH: join(folder, 'run'),
    PULSE_CONFIG: join(folder, 'daemon.conf'),
    DBUS_SESSION_BUS_ADDRESS: 'disabled:',
  };
}

function notStarted(cause: Error): RockpoolError {
  if ('code' in cause && cause.code === 'ENOENT') {
    return new RockpoolError(
      'missing-package',
      'Sound of games needs PulseAudio, or PipeWire with WirePlumber. On Debian and Ubuntu: apt-get install pulseaudio.',
      { cause },
    );
  }
  return new RockpoolError('internal', `PulseAudio could not be started: ${cause.message}`, {
    cause,
  });
}
