import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RockpoolError } from '../../protocol/errors.ts';

/** `in-use-` pid `-` what tells that process from an earlier one of the same number. */
const CLAIM = /^in-use-(\d+)-(.+)$/;

/**
 * When a process was started: by boot and clock tick (proc(5), field 22 of `stat`); undefined where
 * there is no such process, or no `/proc`.
 */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    // The program's name, in brackets, may hold anything; the fields after it are from the third on.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'latin1');
    return `${boot.slice(0, 8)}.${ticks}`;
  } catch {
    return undefined;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function inUse(folder: string, pid: number): RockpoolError {
  return new RockpoolError(
    'bad-configuration',
    `The store in ${folder} is in use by process ${pid}, and only one at a time can have it open. Stop that one, give this one another data folder, or let both use one Postgres (DATABASE_URL).`,
  );
}

/**
 * A folder that only this process may use until `release`. Each process leaves a file of its own name,
 * so that clearing away the one of a process that is gone never hits that of another: of two that
 * start at the same moment both may be refused, but never are both let in.
 */
export class FolderClaim {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * @param folder exists.
   * @throws RockpoolError `bad-configuration` where a process uses it, this one included.
   */
  static async take(folder: string): Promise<FolderClaim> {
    const procStart = await startOf(process.pid);
    const ownStart = procStart ?? `${Math.round(performance.timeOrigin)}`;
    const ownName = `in-use-${process.pid}-${ownStart}`;
    const claim = new FolderClaim(join(folder, ownName));
    try {
      await writeFile(claim.#path, '', { flag: 'wx' });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      throw inUse(folder, process.pid);
    }
    const isAlive = async (pid: number, start: string) => {
      if (procStart !== undefined) return (await startOf(pid)) === start;
      return pid === process.pid ? start === ownStart : exists(pid);
    };
    for (const name of await readdir(folder)) {
      const [, digits, start] = CLAIM.exec(name) ?? [];
      if (name === ownName || digits === undefined || start === undefined) continue;
      const pid = Number(digits);
      if (await isAlive(pid, start)) {
        await claim.release();
        throw inUse(folder, pid);
      }
      await rm(join(folder, name), { force: true });
    }
    return claim;
  }

  /** May be called again. */
  async release(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}
