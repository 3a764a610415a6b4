import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildLimitsSchema } from '../../protocol/build-manifest.ts';
import { toRockpoolError } from '../../protocol/errors.ts';
import { openSandbox } from './bubblewrap-sandbox.ts';
import { findControlGroups, sweepControlGroups } from './control-group-hierarchies.ts';
import { ownerIsGone, SESSION_FOLDER_PREFIX } from './owner-mark.ts';
import type { ResourceGroupKind } from './resource-group.ts';
import { requireNetworkPrograms } from './sandbox-network.ts';

/** A session's PulseAudio leaves when its worker is gone, and may write into its folder till then. */
const REMOVAL_RETRIES = { maxRetries: 20, retryDelay: 100 };

/** What this machine can do to keep games apart. */
export interface SandboxDescription {
  /** Whether games can be run at all. */
  readonly available: boolean;
  /** Why not, and what to do. */
  readonly problem?: string;
  /** `none`: limits are watched from outside, once a second, instead of held by the kernel. */
  readonly cgroups: ResourceGroupKind;
  /** `dropped`: the worker is root, and each session has a user of its own. */
  readonly user: 'dropped' | 'own';
  /** Whether games that need the internet can have it, apart from this machine's network. */
  readonly internet: boolean;
}

/** Makes a sandbox and runs nothing of note in it: told is what was seen to work. */
export async function describeSandbox(): Promise<SandboxDescription> {
  const controlGroups = await findControlGroups();
  const base = {
    cgroups: controlGroups.kind,
    user: process.geteuid?.() === 0 ? 'dropped' : 'own',
    internet: await requireNetworkPrograms().then(
      () => true,
      () => false,
    ),
  } as const;
  const problem = await tryOut();
  return problem === undefined
    ? { available: true, ...base }
    : { available: false, problem, ...base };
}

async function tryOut(): Promise<string | undefined> {
  try {
    const sandbox = await openSandbox({
      command: '/usr/bin/true',
      args: [],
      environment: {},
      workingFolder: '/',
      // Any folder that everybody may read.
      buildFolder: '/usr/share',
      binds: [],
      network: false,
      gpu: false,
      limits: buildLimitsSchema.parse({}),
      sessionName: 'try-out',
    });
    try {
      await sandbox.start();
      const exit = await sandbox.exited;
      if (exit.kind === 'exit' && exit.code === 0) return undefined;
      return `A program in a sandbox ended with ${JSON.stringify(exit)}: ${sandbox.logTail(500)}`;
    } finally {
      await sandbox.close();
    }
  } catch (thrown) {
    const { code, message } = toRockpoolError(thrown);
    if (code === 'missing-package') return message;
    return `${message}\nA sandbox needs user namespaces: on a plain machine sysctl user.max_user_namespaces above 0, on Ubuntu bubblewrap's AppArmor profile, in Docker --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined, and as root there --cap-add SYS_ADMIN --cap-add SYS_PTRACE.`;
  }
}

/**
 * Removes what sessions of workers that died left behind; when a worker has died, and for the start of
 * a container, whose workers may have died with the one before it.
 * @returns how many folders and control groups went.
 */
export async function sweepSandboxes(): Promise<number> {
  let removed = await sweepControlGroups();
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(SESSION_FOLDER_PREFIX)) continue;
    if (!(await ownerIsGone(name.slice(SESSION_FOLDER_PREFIX.length)))) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true, ...REMOVAL_RETRIES });
    removed++;
  }
  return removed;
}
