import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { RockpoolError } from '../../../protocol/errors.ts';
import { isCode } from '../../data-folder.ts';
import { systemTimers, type Timers } from '../../timers.ts';
import { ArchiveRefusal } from './archive-refusal.ts';
import {
  ARCHIVE_MOUNT,
  bubblewrapWords,
  CODE_ROOT,
  FOLDER_MOUNT,
  hasBubblewrap,
  nodeWords,
} from './confinement.ts';
import type { UnpackedArchive } from './unpack-archive.ts';
import type { UnpackLimits } from './unpack-limits.ts';
import { type UnpackOrder, type UnpackOutcome, unpackOutcomeSchema } from './unpack-messages.ts';

type UnpackChild = ChildProcessByStdio<Writable, Readable, Readable>;

const MIB = 2 ** 20;
/** Beside JavaScript's heap: code, buffers, and the window of zstd, 128 MiB at most. */
const OTHER_MEMORY_MIB = 768;
/** One archive, one file at a time, a pipe to zstd, and what Node has of its own. */
const OPEN_FILES = 256;
/** Its answer names every file it changed: 200,000 at most, of 1 KiB at most each. */
const MAX_SAID_BYTES = 256 * MIB;
/** Of what a process says when it fails. */
const TOLD_CHARACTERS = 1500;
/** Sent by the kernel for memory, and by V8 to itself. */
const OUT_OF_MEMORY = /heap out of memory|Allocation failed|[Cc]annot allocate memory|ENOMEM/;

export interface UnpackProcessOptions {
  readonly limits: UnpackLimits;
  /** Aborted when nobody wants the build any more. */
  readonly signal?: AbortSignal | undefined;
  readonly timers?: Timers;
  /** False: never use bubblewrap, even where it is. */
  readonly bubblewrap?: boolean;
}

/**
 * Unpacks an archive in a process of its own, which sees nothing but the archive and the folder where
 * bubblewrap is on this machine, and is ended when it takes too much memory or time. When this has
 * settled the process is gone. Where it rejects, the folder holds whatever came before.
 * @param folder absolute, empty.
 * @throws ArchiveRefusal; RockpoolError `internal` where the process failed for another reason.
 */
export async function unpackInProcess(
  archive: string,
  folder: string,
  options: UnpackProcessOptions,
): Promise<UnpackedArchive> {
  const { limits, signal, timers = systemTimers } = options;
  const confined = (options.bubblewrap ?? true) && (await hasBubblewrap());
  signal?.throwIfAborted();
  const [command = '', ...args] = [
    ...limitWords(limits),
    ...(confined ? bubblewrapWords(archive, folder) : []),
    ...nodeWords('signaling/studio/builds/unpack-main', limits.heapMib),
    // Read by nobody but those who look at the machine's processes.
    archive,
  ];
  const child = spawn(command, args, {
    cwd: CODE_ROOT,
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own: its end is the end of all it started.
    detached: true,
  });
  let isLate = false;
  const cancel = timers.after(limits.timeMs, () => {
    isLate = true;
    killGroup(child);
  });
  const abort = () => killGroup(child);
  signal?.addEventListener('abort', abort);
  try {
    const order: UnpackOrder = confined
      ? { archive: ARCHIVE_MOUNT, folder: FOLDER_MOUNT, limits }
      : { archive, folder, limits };
    const { said, complaint } = await converse(child, JSON.stringify(order));
    signal?.throwIfAborted();
    if (isLate) throw outOfTime(limits);
    return outcomeOf(said, complaint);
  } finally {
    cancel();
    signal?.removeEventListener('abort', abort);
    await end(child);
  }
}

function limitWords({ bytes, heapMib, timeMs }: UnpackLimits): string[] {
  return [
    'prlimit',
    '--core=0',
    `--nofile=${OPEN_FILES}`,
    // A signal without a word comes at it: the limit that can be told comes first.
    `--fsize=${bytes + MIB}`,
    // Ends it where nobody is left who would.
    `--cpu=${Math.ceil(timeMs / 1000)}`,
    `--data=${(heapMib + OTHER_MEMORY_MIB) * MIB}`,
    '--',
  ];
}

/** Resolves when the process has exited and both its outputs are closed. */
async function converse(child: UnpackChild, order: string) {
  // A process that is gone before it has read its order says why by how it ended.
  child.stdin.on('error', () => undefined);
  child.stdin.end(order);
  const [said, complaint] = await Promise.all([
    boundedText(child.stdout),
    boundedText(child.stderr),
    once(child, 'close'),
  ]).catch((cause: unknown) => {
    if (isCode(cause, 'ENOENT')) throw notLinux(cause);
    throw failure(cause instanceof Error ? cause.message : String(cause), cause);
  });
  return { said, complaint };
}

/** What is unpacked may have taken the process over: it is not let fill this one's memory. */
async function boundedText(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_SAID_BYTES) throw new Error('it said too much');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** @throws ArchiveRefusal, RockpoolError */
function outcomeOf(said: string, complaint: string): UnpackedArchive {
  if (said === '' && OUT_OF_MEMORY.test(complaint)) throw outOfMemory();
  const outcome = parseOutcome(said);
  if (!outcome) throw failure(complaint || said);
  switch (outcome.kind) {
    case 'unpacked': {
      const { kind: _, ...unpacked } = outcome;
      return unpacked;
    }
    case 'refused':
      throw new ArchiveRefusal(outcome.reason, outcome.message);
    case 'failed':
      if (OUT_OF_MEMORY.test(outcome.message)) throw outOfMemory();
      throw failure(outcome.message);
  }
}

function parseOutcome(said: string): UnpackOutcome | undefined {
  try {
    return unpackOutcomeSchema.parse(JSON.parse(said));
  } catch {
    // It was ended while it spoke, or did not speak at all: what it complained of says why.
    return undefined;
  }
}

function outOfTime({ timeMs }: UnpackLimits): ArchiveRefusal {
  return new ArchiveRefusal(
    'out-of-time',
    `The archive was not unpacked within ${Math.ceil(timeMs / 60_000)} min. Pack it as .tar.zst, which is unpacked fastest, or make the build smaller.`,
  );
}

function outOfMemory(): ArchiveRefusal {
  return new ArchiveRefusal(
    'out-of-memory',
    'The archive needs more memory to be unpacked than is given. Pack the build with the usual settings of zip, gzip or zstd.',
  );
}

/** prlimit is essential on Debian, and nowhere but on Linux. */
function notLinux(cause: unknown): RockpoolError {
  return new RockpoolError(
    'bad-configuration',
    'Archives are unpacked on Linux alone, by programs that this machine does not have. Unpack it, and check the folder.',
    { cause },
  );
}

function failure(why: string, cause?: unknown): RockpoolError {
  const told = why.trim().slice(-TOLD_CHARACTERS) || 'it ended without a word';
  return new RockpoolError('internal', `The archive could not be unpacked here: ${told}`, {
    cause,
  });
}

/** One that is still at work, because it was not listened to any longer, is waited for. */
async function end(child: UnpackChild): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  killGroup(child);
  await exited;
}

function killGroup({ pid, exitCode, signalCode }: UnpackChild): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!isCode(error, 'ESRCH')) throw error;
  }
}
