import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

function parentOf(pid: number): number | undefined {
  try {
    // proc_pid_stat(5): the name in parentheses may hold spaces; state and parent follow it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(parent);
  } catch {
    return undefined;
  }
}

/** Ids of the processes that a process started itself and that still run. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((candidate) => candidate > 0 && parentOf(candidate) === pid);
}

/** Ids of the processes that a process started, itself or through others, and that still run. */
export function descendantsOf(pid: number): number[] {
  const found = [pid];
  for (const one of found) found.push(...childrenOf(one));
  return found.slice(1);
}

/** Those of {@link childrenOf} that are session workers: busy, spare or about to exit. */
export function workersOf(pid: number): number[] {
  return childrenOf(pid).filter((child) => commandOf(child).includes('session-worker'));
}

/** Those of {@link workersOf} that hold a UDP socket, as a worker with a peer connection does. */
export function connectedWorkersOf(pid: number): number[] {
  const udp = udpSockets();
  return workersOf(pid).filter((worker) => filesOf(worker).some((file) => udp.has(file)));
}

/** Number of file descriptors a process has open. */
export function openFiles(pid: number): number {
  return filesOf(pid).length;
}

/** Whether there is such a process; one that ended but was not waited for by its parent counts. */
export function isThere(pid: number): boolean {
  return parentOf(pid) !== undefined;
}

/** What the file descriptors of a process point at, such as `socket:[4711]`. */
function filesOf(pid: number): string[] {
  return read(() => readdirSync(`/proc/${pid}/fd`), []).flatMap((fd) =>
    // One that was closed since the folder was read is no file any more.
    read(() => [readlinkSync(`/proc/${pid}/fd/${fd}`)], []),
  );
}

/** What is read of a process, or `gone` where that has ended meanwhile. */
function read<T>(look: () => T, gone: T): T {
  try {
    return look();
  } catch {
    return gone;
  }
}

/** Local ports of the UDP sockets that a process holds. */
export function udpPortsOf(pid: number): number[] {
  const udp = udpSockets();
  return filesOf(pid).flatMap((file) => udp.get(file) ?? []);
}

/** Local ports of the UDP sockets of this machine, by the name {@link filesOf} gives them. */
function udpSockets(): Map<string, number> {
  // proc_net(5): a header, then one socket a line: local address in the second column with its port
  // in hexadecimal, inode in the tenth.
  const lines = ['udp', 'udp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8').trim().split('\n').slice(1),
  );
  return new Map(
    lines.map((line) => {
      const columns = line.trim().split(/\s+/);
      const port = Number.parseInt(columns[1]?.split(':')[1] ?? '', 16);
      return [`socket:[${columns[9]}]`, port];
    }),
  );
}

/** Program and arguments, a blank after each; empty where there is no such process. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
