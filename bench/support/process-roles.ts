import { descendantsOf, readProcess } from '../../gate/machine/process-statistics.ts';

/** What a process below a session's worker is for. */
export type ProcessRole = 'worker' | 'display' | 'sound' | 'program';

const SOUND = ['pulseaudio', 'pipewire', 'wireplumber'];

/** @param command arguments joined by spaces. */
export function roleOf(command: string): Exclude<ProcessRole, 'worker'> {
  const program = command.split(' ', 1)[0]?.split('/').at(-1) ?? '';
  if (program === 'Xvfb') return 'display';
  if (SOUND.some((name) => program.startsWith(name))) return 'sound';
  // The game, what it starts, and what holds it.
  return 'program';
}

/** Processor time of a worker and each living process below it, milliseconds by process id. */
export type RoleReading = ReadonlyMap<number, { readonly role: ProcessRole; readonly ms: number }>;

export async function readRoles(worker: number): Promise<RoleReading> {
  const reading = new Map<number, { role: ProcessRole; ms: number }>();
  const note = async (pid: number, role: ProcessRole) => {
    const statistics = await readProcess(pid);
    if (statistics) reading.set(pid, { role, ms: statistics.cpuMs });
  };
  await note(worker, 'worker');
  for (const { pid, command } of await descendantsOf(worker)) await note(pid, roleOf(command));
  return reading;
}

/** Milliseconds used by role between two readings, of the processes that lived through both. */
export function usedBetween(before: RoleReading, after: RoleReading): Map<ProcessRole, number> {
  const used = new Map<ProcessRole, number>();
  for (const [pid, { role, ms }] of after) {
    const earlier = before.get(pid);
    if (earlier) used.set(role, (used.get(role) ?? 0) + ms - earlier.ms);
  }
  return used;
}
