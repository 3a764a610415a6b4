import { BUILD_MOUNT, HOME_MOUNT } from '../../protocol/build-manifest.ts';
import {
  BASE_ENVIRONMENT,
  type HostView,
  INSIDE_ID,
  madeUpFiles,
  RUNTIME_FOLDER,
} from './host-view.ts';
import type { ProgramOrder, SandboxBind } from './program-order.ts';
import { groupLimitsOf } from './resource-group.ts';
import { SLIRP_RESOLVER } from './sandbox-network.ts';
import { type SandboxUser, userChange } from './sandbox-user.ts';

const MIB = 1024 * 1024;
/** Sockets and locks of sound and desktop libraries. */
const RUNTIME_FOLDER_MIB = 16;

/** File descriptors of the command, beside stdin, stdout and stderr. */
export const ARGUMENTS_FD = 3;
export const INFO_FD = 4;
export const READY_FD = 5;
export const GATE_FD = 6;
const FIRST_INPUT_FD = GATE_FD + 1;

/**
 * Runs first: closes what the worker itself inherited and Node passes on (which `sh` cannot above 9),
 * offers itself to the kernel before the worker when the machine's memory runs out, and joins the
 * control groups named before `--`.
 */
const JOIN_SCRIPT = `
last=$1; shift
for fd in /proc/self/fd/*; do
  fd=\${fd##*/}
  [ "$fd" -le "$last" ] || eval "exec $fd>&-"
done
echo 500 >/proc/self/oom_score_adj
while [ "$1" != -- ]; do echo 0 >"$1" || exit 125; shift; done
shift
exec "$@"`;

/**
 * Root only, in a mount namespace of its own, which ends with its processes: shows the session what
 * lies in folders that its user may not enter, as /tmp/0, /tmp/1, …
 */
const SHOW_SCRIPT = `
set -e
stage=$1; shift
mount -t tmpfs -o mode=755,size=1m tmpfs "$stage"
i=0
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then mkdir "$stage/$i"; else : >"$stage/$i"; fi
  mount --bind "$1" "$stage/$i"
  i=$((i + 1)); shift
done
shift
mount --rbind "$stage" /tmp
exec "$@"`;

/**
 * Runs inside, in the program's place: waits until its home folder is filled. A worker that dies
 * closes the gate, and the program never starts.
 */
const GATE_SCRIPT = `
echo >&${READY_FD} && read -r _ <&${GATE_FD} || exit 125
exec ${READY_FD}>&- ${GATE_FD}<&-
exec "$@"`;

export interface CommandParts {
  readonly user: SandboxUser;
  readonly view: HostView;
  readonly joinFiles: readonly string[];
  /** An empty folder to mount on, where the user's {@link SandboxUser.canMount} is set. */
  readonly stageFolder: string;
  readonly seccomp: Uint8Array | undefined;
  /** Most files a process of the worker's may open: nobody may give more than that. */
  readonly openFilesCeiling: number;
  /** Most bytes of memory of its own a process may have; undefined where groups see to that. */
  readonly dataBytes: number | undefined;
}

/** Arguments of `/bin/bash`, and what it is to read from further descriptors. */
export interface SandboxCommand {
  readonly args: readonly string[];
  /** NUL-separated options of bwrap, for {@link ARGUMENTS_FD}: they name folders of the host. */
  readonly bwrapOptions: string;
  /** Contents of the descriptors from {@link FIRST_INPUT_FD} on. */
  readonly inputs: readonly (Uint8Array | string)[];
}

/** Puts together: join groups → shared memory → show folders → change user → new network → bwrap → limits → program. */
export function sandboxCommand(order: ProgramOrder, parts: CommandParts): SandboxCommand {
  const { user, stageFolder } = parts;
  const binds: SandboxBind[] = [{ from: order.buildFolder, to: BUILD_MOUNT }, ...order.binds];
  const sourceOf = (bind: SandboxBind) =>
    user.canMount ? `/tmp/${binds.indexOf(bind)}` : bind.from;
  const inputs: (Uint8Array | string)[] = [];
  const give = (content: Uint8Array | string) => String(FIRST_INPUT_FD + inputs.push(content) - 1);
  const options = [
    ...isolation(order),
    ...systemFolders(order, parts.view),
    ...writableFolders(order),
    ...binds.flatMap((bind) => [bindOption(bind), sourceOf(bind), bind.to]),
    ...[...madeUpFiles(order.network ? SLIRP_RESOLVER : undefined), ...(order.files ?? [])].flatMap(
      ({ to, content }) => [...['--perms', '0444', '--file', give(content), to]],
    ),
    // What bwrap made to mount on is memory without a limit.
    ...['--remount-ro', '/dev', '--remount-ro', '/'],
    ...(parts.seccomp ? ['--seccomp', give(parts.seccomp)] : []),
    ...['--info-fd', String(INFO_FD), '--chdir', order.workingFolder, '--clearenv'],
    ...Object.entries({ ...BASE_ENVIRONMENT, ...order.environment }).flatMap(([name, value]) => [
      ...['--setenv', name, value],
    ]),
  ];
  const froms = binds.map(({ from }) => from);
  return {
    args: [
      ...script(JOIN_SCRIPT, String(GATE_FD + inputs.length), ...parts.joinFiles, '--'),
      ...(order.sharesMemoryWith === undefined
        ? []
        : ['/usr/bin/nsenter', `--ipc=/proc/${order.sharesMemoryWith}/ns/ipc`, '--']),
      ...(user.canMount
        ? [
            ...['/usr/bin/unshare', '--mount', '--propagation', 'private', '--'],
            ...['/bin/sh', ...script(SHOW_SCRIPT, stageFolder, ...froms, '--')],
          ]
        : []),
      ...userChange(user, order.gpu ? parts.view.gpuGroups : []),
      ...(order.network ? NEW_NETWORK : []),
      ...['bwrap', '--args', String(ARGUMENTS_FD), '--', '/bin/sh', ...script(GATE_SCRIPT)],
      ...['/usr/bin/prlimit', ...processLimits(order, parts), '--', order.command, ...order.args],
    ],
    bwrapOptions: options.map((option) => `${option}\0`).join(''),
    inputs,
  };
}

/** A network of its own that bwrap's user namespace does not own: slirp4netns can enter it. */
const NEW_NETWORK = ['/usr/bin/unshare', '--user', '--map-root-user', '--net', '--'];

/** Options of a shell; the word after the text is the script's own name. */
function script(text: string, ...args: string[]): string[] {
  return ['-c', text.trim(), 'sh', ...args];
}

function isolation(order: ProgramOrder): string[] {
  return [
    ...['--unshare-user', '--unshare-pid', '--unshare-uts'],
    ...(order.sharesMemoryWith === undefined ? ['--unshare-ipc'] : []),
    '--unshare-cgroup-try',
    ...(order.network ? [] : ['--unshare-net']),
    ...['--die-with-parent', '--new-session', '--cap-drop', 'ALL'],
    ...['--uid', String(INSIDE_ID), '--gid', String(INSIDE_ID), '--hostname', 'rockpool'],
  ];
}

function systemFolders(order: ProgramOrder, view: HostView): string[] {
  return [
    ...view.readOnly.flatMap((path) => ['--ro-bind', path, path]),
    ...view.links.flatMap(([link, target]) => ['--symlink', target, link]),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...(order.gpu
      ? [
          ...view.gpuFolders.flatMap((path) => ['--ro-bind', path, path]),
          ...view.gpuDevices.flatMap((path) => ['--dev-bind', path, path]),
        ]
      : []),
  ];
}

function writableFolders({ limits }: ProgramOrder): string[] {
  const folder = (path: string, mib: number, mode = '0700') => [
    ...['--perms', mode, '--size', String(mib * MIB), '--tmpfs', path],
  ];
  return [
    ...folder(HOME_MOUNT, limits.diskMib),
    ...folder('/tmp', limits.diskMib, '1777'),
    // Half the memory, as the kernel does it for /dev/shm.
    ...folder('/dev/shm', Math.ceil(limits.memoryMib / 2), '1777'),
    ...folder(RUNTIME_FOLDER, RUNTIME_FOLDER_MIB),
  ];
}

function bindOption({ writable, device }: SandboxBind): string {
  if (device) return '--dev-bind';
  return writable ? '--bind' : '--ro-bind';
}

function processLimits({ limits }: ProgramOrder, parts: CommandParts): string[] {
  const openFiles = Math.min(limits.openFiles, parts.openFilesCeiling);
  return [
    '--core=0',
    `--nofile=${openFiles}`,
    // Not below the group's: what that refuses is counted, and so a fork bomb is known.
    `--nproc=${groupLimitsOf(limits).processes}`,
    // Holds for memory that has a file's name as well, so it cannot be the disk's limit alone.
    `--fsize=${(limits.memoryMib + limits.diskMib) * MIB}`,
    ...(parts.dataBytes === undefined ? [] : [`--data=${parts.dataBytes}`]),
  ];
}
