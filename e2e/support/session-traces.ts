import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandOf, descendantsOf } from './process-tree.ts';

/** Where control groups of sessions lie: below one of the controllers (v1), or in the only tree (v2). */
const GROUPS = '/sys/fs/cgroup';
const GROUPS_FOLDER = 'rockpool';

interface SeenProcess {
  readonly pid: number;
  readonly startTicks: string;
  readonly command: string;
}

/** Everything on this machine that there is because of one worker's session of a native program. */
export class SessionTraces {
  readonly #worker: number;
  readonly #processes: readonly SeenProcess[];
  readonly #displays: readonly string[];

  /** @param worker process of a session that runs. */
  constructor(worker: number) {
    this.#worker = worker;
    this.#processes = descendantsOf(worker).map((pid) => ({
      pid,
      startTicks: runningSince(pid) ?? '',
      command: commandOf(pid),
    }));
    this.#displays = this.#processes.flatMap(({ command }) =>
      [...command.matchAll(/Xvfb :(\d+)/g)].flatMap(([, number]) =>
        number ? [`/tmp/.X11-unix/X${number}`, `/tmp/.X${number}-lock`] : [],
      ),
    );
  }

  /** What of it is still there, in words. */
  left(): string[] {
    const processes = this.#processes
      .filter(({ pid, startTicks }) => runningSince(pid) === startTicks)
      .map(({ pid, command }) => `process ${pid}: ${command.slice(0, 80)}`);
    const displays = [...new Set(this.#displays)].filter((path) => existsSync(path));
    return [...processes, ...displays, ...this.#folders(), ...this.#mounts()];
  }

  /** Temporary folders and control groups carry their worker's pid in their names. */
  #folders(): string[] {
    const groups = ['.', ...namesIn(GROUPS)].map((name) => join(GROUPS, name, GROUPS_FOLDER));
    return [tmpdir(), ...groups].flatMap((folder) =>
      namesIn(folder)
        .filter((name) => this.#isOurs(name))
        .map((name) => join(folder, name)),
    );
  }

  #mounts(): string[] {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    return mounts.filter((line) => this.#isOurs(line)).map((line) => `mount ${line}`);
  }

  #isOurs(name: string): boolean {
    return name.includes(`-${this.#worker}-`);
  }
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** When a process started; undefined where there is none, or one that ended and nobody waits for. */
function runningSince(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc_pid_stat(5): state is the third field, the start the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
