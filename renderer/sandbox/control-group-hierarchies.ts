import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  ControlGroups,
  canWrite,
  cpuQuota,
  GROUPS_FOLDER,
  type GroupFolder,
  sweepGroups,
} from './control-groups.ts';
import type { GroupLimits } from './resource-group.ts';

/** Where the kernel has its control groups, and which of them this process may write to. */
export type ControlGroupHierarchies =
  | {
      readonly kind: 'v1';
      /** Folder of each controller under which sessions get their groups. */
      readonly memory: string;
      readonly pids: string;
      readonly cpu: string | undefined;
    }
  | {
      readonly kind: 'v2';
      /** Folder under which sessions get their groups. */
      readonly folder: string;
      readonly cpu: boolean;
    }
  | { readonly kind: 'none'; readonly problem: string };

interface Mount {
  readonly path: string;
  readonly type: string;
  readonly controllers: readonly string[];
}

/** Controllers without which a hierarchy is of no use here. */
const NEEDED = ['memory', 'pids'];
/** Leaf for the processes that were in a group before it got subgroups (v2 wants one or the other). */
const OTHERS_FOLDER = 'rockpool-others';

/** Prefers v2, then v1. Makes the folder that sessions' groups go into. */
export async function findControlGroups(): Promise<ControlGroupHierarchies> {
  const mounts = parseMounts(await readFile('/proc/self/mountinfo', 'utf8'));
  const current = ownGroupV2(await readFile('/proc/self/cgroup', 'utf8'));
  // An earlier call may have moved this process, or the one it came from, into the leaf.
  const own = basename(current) === OTHERS_FOLDER ? dirname(current) : current;
  for (const { path } of mounts.filter(({ type }) => type === 'cgroup2')) {
    // Where the hierarchy's top is ours (root, a container), it is used; else what was delegated.
    for (const base of new Set([path, join(path, own)])) {
      const found = await openV2(base);
      if (found) return found;
    }
  }
  return (
    (await openV1(mounts)) ?? {
      kind: 'none',
      problem:
        'No control groups may be written to here (memory and pids): limits are watched from outside instead. Run as root, in a container that may write to /sys/fs/cgroup, or in a systemd unit with Delegate=yes.',
    }
  );
}

/** Groups for one session. */
export async function createControlGroups(
  hierarchies: ControlGroupHierarchies & { kind: 'v1' | 'v2' },
  name: string,
  limits: GroupLimits,
): Promise<ControlGroups> {
  const memory = String(limits.memoryBytes);
  const processes = String(limits.processes);
  const { quotaUs, periodUs } = cpuQuota(limits.cpus);
  if (hierarchies.kind === 'v2') {
    const path = join(hierarchies.folder, name);
    const settings = [
      { file: 'memory.max', value: memory },
      { file: 'memory.swap.max', value: '0', optional: true },
      { file: 'pids.max', value: processes },
      ...(hierarchies.cpu ? [{ file: 'cpu.max', value: `${quotaUs} ${periodUs}` }] : []),
    ];
    return ControlGroups.create('v2', [{ path, settings }], {
      memoryFile: join(path, 'memory.events'),
      processesFile: join(path, 'pids.events'),
    });
  }
  const memoryPath = join(hierarchies.memory, name);
  const pidsPath = join(hierarchies.pids, name);
  const folders = new Map<string, GroupFolder>();
  const add = (path: string, settings: GroupFolder['settings']) =>
    // Controllers mounted together share one folder.
    folders.set(path, { path, settings: [...(folders.get(path)?.settings ?? []), ...settings] });
  add(memoryPath, [
    { file: 'memory.limit_in_bytes', value: memory },
    // Memory and swap together.
    { file: 'memory.memsw.limit_in_bytes', value: memory, optional: true },
  ]);
  add(pidsPath, [{ file: 'pids.max', value: processes }]);
  if (hierarchies.cpu) {
    add(join(hierarchies.cpu, name), [
      { file: 'cpu.cfs_period_us', value: String(periodUs) },
      { file: 'cpu.cfs_quota_us', value: String(quotaUs) },
    ]);
  }
  return ControlGroups.create('v1', [...folders.values()], {
    memoryFile: join(memoryPath, 'memory.oom_control'),
    processesFile: join(pidsPath, 'pids.events'),
  });
}

/** @returns how many groups of dead workers were removed. */
export async function sweepControlGroups(): Promise<number> {
  const found = await findControlGroups();
  if (found.kind === 'none') return 0;
  const folders =
    found.kind === 'v2' ? [found.folder] : [found.memory, found.pids, found.cpu ?? found.memory];
  let removed = 0;
  for (const folder of new Set(folders)) removed += await sweepGroups(folder);
  return removed;
}

async function openV1(mounts: readonly Mount[]): Promise<ControlGroupHierarchies | undefined> {
  const open = async (controller: string): Promise<string | undefined> => {
    const mount = mounts.find(
      ({ type, controllers }) => type === 'cgroup' && controllers.includes(controller),
    );
    if (!mount || !(await canWrite(mount.path))) return undefined;
    const folder = join(mount.path, GROUPS_FOLDER);
    await mkdir(folder, { recursive: true });
    return folder;
  };
  const [memory, pids, cpu] = [await open('memory'), await open('pids'), await open('cpu')];
  return memory && pids ? { kind: 'v1', memory, pids, cpu } : undefined;
}

async function openV2(base: string): Promise<ControlGroupHierarchies | undefined> {
  const offered = await readWords(join(base, 'cgroup.controllers'));
  if (!NEEDED.every((controller) => offered.includes(controller))) return undefined;
  if (!(await canWrite(base)) || !(await canWrite(join(base, 'cgroup.procs')))) return undefined;
  const wanted = offered.includes('cpu') ? [...NEEDED, 'cpu'] : NEEDED;
  const folder = join(base, GROUPS_FOLDER);
  await mkdir(folder, { recursive: true });
  await enableControllers(base, wanted);
  await enableControllers(folder, wanted);
  return { kind: 'v2', folder, cpu: wanted.includes('cpu') };
}

/** A group of v2 has processes or passes controllers on, not both (only the very top may). */
async function enableControllers(path: string, wanted: readonly string[]): Promise<void> {
  const file = join(path, 'cgroup.subtree_control');
  const enabled = await readWords(file);
  const missing = wanted.filter((controller) => !enabled.includes(controller));
  if (missing.length === 0) return;
  const enable = () => writeFile(file, missing.map((controller) => `+${controller}`).join(' '));
  try {
    await enable();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EBUSY')) throw error;
    const leaf = join(path, OTHERS_FOLDER);
    await mkdir(leaf, { recursive: true });
    for (const pid of await readWords(join(path, 'cgroup.procs'))) {
      // ESRCH: it ended meanwhile. Whatever stays makes the second try fail, with its own error.
      await writeFile(join(leaf, 'cgroup.procs'), pid).catch(() => undefined);
    }
    await enable();
  }
}

async function readWords(file: string): Promise<string[]> {
  const text = await readFile(file, 'latin1').catch(() => '');
  return text.split(/\s+/).filter(Boolean);
}

/** Lines of `/proc/self/mountinfo`: … root path options … - type source super-options. */
export function parseMounts(mountinfo: string): Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const path = before.split(' ')[4];
    const [type = '', , options = ''] = after.split(' ');
    if (!path || !type.startsWith('cgroup')) return [];
    return [{ path, type, controllers: options.split(',') }];
  });
}

/** The `0::/path` line of `/proc/self/cgroup`. */
export function ownGroupV2(text: string): string {
  return /^0::(.*)$/m.exec(text)?.[1] ?? '/';
}
