import { readFileSync } from 'node:fs';
import { describe, it } from 'vitest';
import { PipewireDaemon } from '../../renderer/desktop/sound/pipewire-daemon.ts';
import { PulseDaemon } from '../../renderer/desktop/sound/pulse-daemon.ts';
import type { StartSoundDaemon } from '../../renderer/desktop/sound/sound-daemon.ts';
import { findProgram } from '../../renderer/sandbox/host-programs.ts';
import { treeOf } from '../../renderer/sandbox/process-tree.ts';
import { describeSandbox } from '../../renderer/sandbox/sandbox-description.ts';

/** A tone is played and modules are loaded by PulseAudio's own clients, whoever listens. */
const CLIENTS = ['pacat', 'pactl'];

export interface TestedDaemon {
  readonly name: string;
  readonly start: StartSoundDaemon;
  /** Names of its processes. */
  readonly processes: readonly string[];
  /** Whether clients may load modules; what those reach is the sandbox's to bound. */
  readonly loadsModules: boolean;
  /** Whether it writes nothing after a while in which nothing played. */
  readonly rests: boolean;
  /** Why it cannot be tried on this machine. */
  readonly problem: string | undefined;
}

/** Every sound daemon there is. */
export async function testedDaemons(): Promise<readonly TestedDaemon[]> {
  const pipewire = ['pipewire', 'wireplumber'];
  return [
    {
      name: 'PulseAudio',
      start: (...args) => PulseDaemon.start(...args),
      processes: ['pulseaudio'],
      loadsModules: false,
      rests: true,
      problem: await missing(['pulseaudio', ...CLIENTS]),
    },
    {
      name: 'PipeWire',
      start: (...args) => PipewireDaemon.start(...args),
      processes: pipewire,
      loadsModules: true,
      rests: false,
      problem: (await missing([...pipewire, ...CLIENTS])) ?? (await describeSandbox()).problem,
    },
  ];
}

/** Runs a suite with a daemon; where it cannot run, it is counted as skipped, under the reason. */
export function describeWithDaemon({ name, problem }: TestedDaemon, suite: () => void): void {
  if (problem === undefined) describe(`sound server with ${name}`, suite);
  else it.skip(`sound server with ${name} (${problem})`, () => {});
}

async function missing(programs: readonly string[]): Promise<string | undefined> {
  const found = await Promise.all(programs.map((name) => findProgram(name, process.env.PATH)));
  const lacking = programs.filter((_, i) => found[i] === undefined);
  return lacking.length > 0 ? `needs ${lacking.join(', ')}, not on this machine` : undefined;
}

/** Ids of the daemon's processes below another one. */
export async function processesOf({ processes }: TestedDaemon, root: number): Promise<number[]> {
  return (await treeOf(root)).filter((pid) => processes.includes(nameOf(pid)));
}

/** Those that are there still. */
export function living(pids: readonly number[]): number[] {
  return pids.filter((pid) => nameOf(pid) !== '');
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    // It has left in the meantime.
    return '';
  }
}
