import { randomInt } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { RockpoolError } from '../../protocol/errors.ts';

/**
 * User numbers that no distribution and no container tool hands out (systemd's list of UIDs calls
 * them unused); one for each session.
 */
const SESSION_UIDS = { first: 1_900_000_000, count: 200_000_000 };
/** Where only some numbers are mapped (a container of an ordinary user): those above system users. */
const MAPPED_FLOOR = 20_000;
const TRIES = 100;

const CAP_SYS_ADMIN = 21;

/** Who a sandbox's processes are on the host. */
export interface SandboxUser {
  readonly uid: number;
  readonly gid: number;
  /** Whether the worker is root and gives that up for the sandbox. */
  readonly dropped: boolean;
  /** Whether the worker may mount: only then can it show a session what lies in folders of its own. */
  readonly canMount: boolean;
}

/** Whether this process may mount, and make and enter namespaces, as root outside of containers may. */
export async function mayMakeNamespaces(): Promise<boolean> {
  return hasCapability(await readFile('/proc/self/status', 'latin1'), CAP_SYS_ADMIN);
}

/** The worker's own user, or, where that is root, one that no other process has. */
export async function chooseSandboxUser(): Promise<SandboxUser> {
  const uid = process.geteuid?.() ?? 0;
  if (uid !== 0) return { uid, gid: process.getegid?.() ?? uid, dropped: false, canMount: false };
  const range = uidRange(await readFile('/proc/self/uid_map', 'latin1'));
  const taken = await usersOfProcesses();
  for (let i = 0; i < TRIES; i++) {
    const candidate = range.first + randomInt(range.count);
    if (taken.has(candidate)) continue;
    return { uid: candidate, gid: candidate, dropped: true, canMount: await mayMakeNamespaces() };
  }
  throw new RockpoolError('resource-limit', 'No user number is free for another session.');
}

/** Prefix that runs a command as the sandbox's user. */
export function userChange(user: SandboxUser, groups: readonly number[]): string[] {
  if (!user.dropped) return [];
  return [
    ...['/usr/bin/setpriv', '--reuid', String(user.uid), '--regid', String(user.gid)],
    ...(groups.length > 0 ? ['--groups', groups.join(',')] : ['--clear-groups']),
    ...['--inh-caps=-all', '--'],
  ];
}

/**
 * @param uidMap content of `/proc/self/uid_map`: first inside, first outside, count.
 * @throws RockpoolError `internal` where the numbers mapped here are too few.
 */
export function uidRange(uidMap: string): { readonly first: number; readonly count: number } {
  let best = { first: 0, count: 0 };
  for (const line of uidMap.trim().split('\n')) {
    const [first = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
    const end = first + count;
    if (first <= SESSION_UIDS.first && end >= SESSION_UIDS.first + SESSION_UIDS.count) {
      return SESSION_UIDS;
    }
    const from = Math.max(first, MAPPED_FLOOR);
    if (end - from > best.count) best = { first: from, count: end - from };
  }
  if (best.count > 0) return best;
  throw new RockpoolError(
    'internal',
    'This container maps no user numbers that games could run as: run Rockpool as an ordinary user in it.',
  );
}

function hasCapability(status: string, bit: number): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  return ((BigInt(`0x${mask}`) >> BigInt(bit)) & 1n) === 1n;
}

async function usersOfProcesses(): Promise<Set<number>> {
  const users = new Set<number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const folder = await stat(`/proc/${name}`).catch(() => undefined);
    if (folder) users.add(folder.uid);
  }
  return users;
}
