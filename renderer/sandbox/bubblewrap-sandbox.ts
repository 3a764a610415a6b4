import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { HOME_MOUNT } from '../../protocol/build-manifest.ts';
import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import { type Scheduler, systemScheduler } from '../clock.ts';
import { type SandboxCommand, sandboxCommand } from './bubblewrap-command.ts';
import {
  type ControlGroupHierarchies,
  createControlGroups,
  findControlGroups,
} from './control-group-hierarchies.ts';
import { fillHome } from './home-filling.ts';
import { findProgram } from './host-programs.ts';
import { readHostView } from './host-view.ts';
import { ownedName, SESSION_FOLDER_PREFIX } from './owner-mark.ts';
import { ProgramLog } from './program-log.ts';
import type { LimitName, ProgramExit, ProgramOrder, SandboxedProgram } from './program-order.ts';
import { type ProgramUsage, usageOf } from './program-usage.ts';
import { groupLimitsOf, type ResourceGroup } from './resource-group.ts';
import { requireNetworkPrograms, SandboxNetwork } from './sandbox-network.ts';
import { SandboxProcess } from './sandbox-process.ts';
import { chooseSandboxUser, type SandboxUser } from './sandbox-user.ts';
import { seccompFilter } from './seccomp-filter.ts';
import { WatchedTree } from './watched-tree.ts';

/** How often the limits are looked at. */
const CHECK_INTERVAL_MS = 1000;
/** Time for a game to write its state after SIGTERM. */
const END_GRACE_MS = 3000;

/** Programs every sandbox needs, with the Debian packages they come in. */
const PROGRAMS = {
  bwrap: 'bubblewrap',
  bash: 'bash',
  setpriv: 'util-linux',
  prlimit: 'util-linux',
  unshare: 'util-linux',
  mount: 'mount',
  tar: 'tar',
};

export interface SandboxParts {
  readonly scheduler: Scheduler;
  readonly controlGroups: ControlGroupHierarchies;
}

/**
 * Prepares a sandbox; nothing runs before its `start`.
 * @throws RockpoolError `missing-package` that names what to install.
 */
export async function openSandbox(
  order: ProgramOrder,
  parts: Partial<SandboxParts> = {},
): Promise<SandboxedProgram> {
  for (const [program, debianPackage] of Object.entries(PROGRAMS)) {
    if (await findProgram(program)) continue;
    throw new RockpoolError(
      'missing-package',
      `To run games apart from everything else this machine needs ${program}: install the package ${debianPackage}.`,
    );
  }
  if (order.network) await requireNetworkPrograms();
  const user = await chooseSandboxUser();
  const name = await ownedName(order.sessionName);
  const controlGroups = parts.controlGroups ?? (await findControlGroups());
  const limits = groupLimitsOf(order.limits);
  const folder = join(tmpdir(), `${SESSION_FOLDER_PREFIX}${name}`);
  await mkdir(join(folder, 'home'), { recursive: true, mode: 0o700 });
  await mkdir(join(folder, 'stage'));
  try {
    const group =
      controlGroups.kind === 'none'
        ? new WatchedTree(limits)
        : await createControlGroups(controlGroups, name, limits);
    return new BubblewrapSandbox(order, user, group, folder, parts.scheduler ?? systemScheduler);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

class BubblewrapSandbox implements SandboxedProgram {
  readonly #order: ProgramOrder;
  readonly #user: SandboxUser;
  readonly #group: ResourceGroup;
  readonly #folder: string;
  readonly #scheduler: Scheduler;
  readonly #log: ProgramLog;
  readonly #exit = deferred<ProgramExit>();
  #process: SandboxProcess | undefined;
  #rootPid: number | undefined;
  #home: FileHandle | undefined;
  #network: SandboxNetwork | undefined;
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #brokenLimit: LimitName | undefined;
  #ended = false;
  #paused = false;
  #pausing: Promise<void> = Promise.resolve();
  #cancelCheck: () => void = () => undefined;

  constructor(
    order: ProgramOrder,
    user: SandboxUser,
    group: ResourceGroup,
    folder: string,
    scheduler: Scheduler,
  ) {
    this.#order = order;
    this.#user = user;
    this.#group = group;
    this.#folder = folder;
    this.#scheduler = scheduler;
    this.#log = new ProgramLog(order.logFile);
  }

  get homePath(): string {
    return this.#home ? `/proc/${process.pid}/fd/${this.#home.fd}` : join(this.#folder, 'home');
  }

  get hostUser(): { readonly uid: number; readonly gid: number } {
    return { uid: this.#user.uid, gid: this.#user.gid };
  }

  get pipes(): { readonly stdin: Writable; readonly stdout: Readable } | undefined {
    return this.#order.stdio === 'pipes' ? this.#process?.pipes : undefined;
  }

  get exited(): Promise<ProgramExit> {
    return this.#exit.promise;
  }

  start(): Promise<void> {
    this.#starting ??= this.#start().catch(async (thrown: unknown) => {
      // From here on `close` waits for what is started already to end.
      await this.#process?.killAll();
      throw toRockpoolError(thrown);
    });
    return this.#starting;
  }

  logTail(maxBytes?: number): string {
    return this.#log.tail(maxBytes);
  }

  async usage(): Promise<ProgramUsage | undefined> {
    const root = this.#rootPid;
    return root === undefined || this.#ended ? undefined : usageOf(root);
  }

  setPaused(paused: boolean): Promise<void> {
    this.#paused = paused;
    const change = this.#pausing.then(async () => {
      if (this.#paused === paused && !this.#ended) await this.#process?.setPaused(paused);
    });
    this.#pausing = change.catch(() => undefined);
    return change;
  }

  async kill(): Promise<void> {
    const program = this.#process;
    if (!program || this.#ended) return;
    // One that stands still hears nothing.
    await this.setPaused(false);
    await program.requestEnd();
    const cancel = this.#scheduler.after(END_GRACE_MS, () => void program.killAll());
    await this.exited;
    cancel();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #start(): Promise<void> {
    const command = await this.#command();
    if (this.#closing) throw new RockpoolError('internal', 'The sandbox was closed.');
    const program = new SandboxProcess(
      command,
      this.#order.stdio ?? 'log',
      this.#log,
      this.#scheduler,
    );
    this.#process = program;
    program.exited
      .then((exit) => this.#handleEnd(exit))
      .catch((error: unknown) => this.#exit.reject(error));
    const rootPid = await program.untilReady();
    this.#rootPid = rootPid;
    this.#group.follow(rootPid);
    const home = `/proc/${rootPid}/root${HOME_MOUNT}`;
    await fillHome(join(this.#folder, 'home'), home, this.#user);
    // Its own descriptor keeps the folder readable when the program and its mounts are gone.
    this.#home = await open(home, constants.O_RDONLY | constants.O_DIRECTORY);
    await rm(this.#folder, { recursive: true, force: true });
    if (this.#order.network) {
      this.#network = await SandboxNetwork.attach(program.monitorPid, this.#user);
    }
    program.release();
    this.#checkLater();
  }

  async #command(): Promise<SandboxCommand> {
    const { memoryBytes } = groupLimitsOf(this.#order.limits);
    return sandboxCommand(this.#order, {
      user: this.#user,
      view: await readHostView(),
      joinFiles: this.#group.joinFiles,
      stageFolder: join(this.#folder, 'stage'),
      seccomp: seccompFilter(process.arch, this.#order.userNamespaces ?? false),
      openFilesCeiling: openFilesCeiling(await readFile('/proc/self/limits', 'latin1')),
      // Twice: counts what was only reserved, such as stacks.
      dataBytes: this.#group.kind === 'none' ? 2 * memoryBytes : undefined,
    });
  }

  #checkLater(): void {
    if (this.#ended) return;
    this.#cancelCheck = this.#scheduler.after(CHECK_INTERVAL_MS, () => {
      this.#check().catch((error: unknown) => this.#exit.reject(error));
    });
  }

  async #check(): Promise<void> {
    this.#brokenLimit ??= await this.#group.brokenLimit(false);
    if (this.#brokenLimit) await this.#process?.killAll();
    else this.#checkLater();
  }

  async #handleEnd(exit: ProgramExit): Promise<void> {
    this.#ended = true;
    this.#cancelCheck();
    const limit =
      this.#brokenLimit ??
      (exit.kind === 'exit' && exit.code === 0 ? undefined : await this.#limitBehindEnd());
    this.#exit.resolve(limit ? { kind: 'limit', limit } : exit);
  }

  /** What a program that did not end well ran into. */
  async #limitBehindEnd(): Promise<LimitName | undefined> {
    const limit = await this.#group.brokenLimit(true);
    if (limit || !this.#home) return limit;
    return (await statfs(this.homePath)).bavail === 0 ? 'disk' : undefined;
  }

  async #close(): Promise<void> {
    this.#cancelCheck();
    await this.#process?.killAll();
    // A start that fails is the starter's to report; here it only has to be over.
    await this.#starting?.catch(() => undefined);
    if (!this.#process) this.#exit.resolve({ kind: 'signal', signal: 'SIGKILL' });
    await this.exited.catch(() => undefined);
    await this.#network?.close();
    await this.#home?.close();
    await this.#group.close();
    await rm(this.#folder, { recursive: true, force: true });
    await this.#log.close();
  }
}

/** The hard limit of this process: only root may give more, and a container may forbid even that. */
function openFilesCeiling(limits: string): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
  return hard === undefined || hard === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(hard);
}

function deferred<T>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
} {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((...settle) => {
    [resolve, reject] = settle;
  });
  // Whoever awaits it hears of a failure; nobody has to.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
