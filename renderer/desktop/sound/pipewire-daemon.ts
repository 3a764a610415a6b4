import { chown, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildLimitsSchema } from '../../../protocol/build-manifest.ts';
import { RockpoolError } from '../../../protocol/errors.ts';
import type { Scheduler } from '../../clock.ts';
import { openSandbox } from '../../sandbox/bubblewrap-sandbox.ts';
import { findProgram } from '../../sandbox/host-programs.ts';
import type { ProgramExit, SandboxedProgram } from '../../sandbox/program-order.ts';
import {
  FIFO_NAME,
  FOLDER_MOUNT,
  SETTINGS_FOLDER,
  SETTINGS_PATH,
  SOCKET_NAME,
  settingsFiles,
} from './pipewire-settings.ts';
import { checkSocketPath, daemonEnded, type SoundDaemon, untilUp } from './sound-daemon.ts';

const NAME = 'PipeWire';
const LOOK_INTERVAL_MS = 10;
const MAX_COMPLAINT_BYTES = 1_000;
const LIMITS = buildLimitsSchema.parse({
  memoryMib: 512,
  cpus: 1,
  processes: 64,
  diskMib: 16,
  openFiles: 1024,
});

/**
 * A PipeWire of its own for one session. The game may speak to it and is not trusted: it runs as games
 * do, in a sandbox where the modules that any client may load find no file and no network.
 */
export class PipewireDaemon implements SoundDaemon {
  readonly socketPath: string;
  readonly fifoPath: string;
  readonly exited: Promise<RockpoolError>;
  readonly #sandbox: SandboxedProgram;
  #isOver = false;

  private constructor(folder: string, sandbox: SandboxedProgram) {
    this.socketPath = join(folder, SOCKET_NAME);
    this.fifoPath = join(folder, FIFO_NAME);
    this.#sandbox = sandbox;
    this.exited = sandbox.exited.then((exit) => {
      this.#isOver = true;
      return daemonEnded(NAME, told(exit), sandbox.logTail(MAX_COMPLAINT_BYTES));
    });
  }

  /** See {@link StartSoundDaemon}. */
  static async start(folder: string, scheduler: Scheduler): Promise<PipewireDaemon> {
    const shared = join(folder, 'run');
    checkSocketPath(join(shared, SOCKET_NAME));
    const command = await required('pipewire');
    const sessionManager = await required('wireplumber');
    const sandbox = await openSandbox(
      {
        command,
        args: ['-c', SETTINGS_PATH],
        environment: { XDG_CONFIG_HOME: SETTINGS_FOLDER, DBUS_SESSION_BUS_ADDRESS: 'disabled:' },
        workingFolder: '/',
        // Any folder that everybody may read.
        buildFolder: '/usr/share',
        binds: [{ from: shared, to: FOLDER_MOUNT, writable: true }],
        files: settingsFiles(sessionManager),
        network: false,
        gpu: false,
        limits: LIMITS,
        sessionName: 'sound',
      },
      { scheduler },
    );
    const daemon = new PipewireDaemon(shared, sandbox);
    try {
      await mkdir(shared, { mode: 0o700 });
      const { uid, gid } = sandbox.hostUser;
      await chown(shared, uid, gid);
      await sandbox.start();
      await untilUp(NAME, daemon.#up(scheduler), daemon.exited, scheduler);
    } catch (error) {
      await daemon.close();
      throw error;
    }
    return daemon;
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await this.#sandbox.close();
    await this.exited;
  }

  /** Both are made while its settings are read, from top to bottom. */
  async #up(scheduler: Scheduler): Promise<void> {
    while (!this.#isOver && !(await areThere([this.socketPath, this.fifoPath]))) {
      await new Promise<void>((resolve) => {
        scheduler.after(LOOK_INTERVAL_MS, resolve);
      });
    }
  }
}

async function required(program: string): Promise<string> {
  const path = await findProgram(program, process.env.PATH);
  if (path !== undefined) return path;
  throw new RockpoolError(
    'missing-package',
    `Sound of games needs the program ${program} beside PipeWire. On Debian and Ubuntu: apt-get install ${program}.`,
  );
}

async function areThere(paths: readonly string[]): Promise<boolean> {
  return Promise.all(paths.map((path) => stat(path))).then(
    () => true,
    () => false,
  );
}

function told(exit: ProgramExit): string {
  switch (exit.kind) {
    case 'exit':
      return `exit code ${exit.code}`;
    case 'signal':
      return `signal ${exit.signal}`;
    case 'limit':
      return `the limit of its ${exit.limit}`;
  }
}
