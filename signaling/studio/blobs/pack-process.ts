import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { RockpoolError } from '../../../protocol/errors.ts';
import { CODE_ROOT, nodeWords } from '../builds/confinement.ts';
import { type Packed, type PackOrder, packOutcomeSchema } from './pack-messages.ts';

/** JavaScript's heap, MiB: an index of 200,000 files takes half of it. */
const HEAP_MIB = 1024;
/** Of what a process says when it fails. */
const TOLD_CHARACTERS = 1500;

/**
 * Packs a build into a store of blobs in a process of its own: hashing is work, and this one answers
 * players. When this has settled the process is gone; what it had stored by then is found again by the
 * next that packs the same build.
 * @throws RockpoolError `no-space`, `internal`
 */
export async function packInProcess(order: PackOrder, signal: AbortSignal): Promise<Packed> {
  signal.throwIfAborted();
  const [command = '', ...args] = nodeWords('signaling/studio/blobs/pack-main', HEAP_MIB);
  const child = spawn(command, args, {
    cwd: CODE_ROOT,
    env: environment(),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  try {
    // One that is gone before it has read its order says why by how it ended.
    child.stdin.on('error', () => undefined);
    child.stdin.write(`${JSON.stringify(order)}\n`);
    const [said, complaint] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    signal.throwIfAborted();
    return packedOf(said, complaint);
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
  }
}

/** What reaching a registry may need, and nothing that is secret. */
function environment(): Record<string, string> {
  const { PATH = '/usr/bin:/bin', NODE_EXTRA_CA_CERTS } = process.env;
  return NODE_EXTRA_CA_CERTS === undefined ? { PATH } : { PATH, NODE_EXTRA_CA_CERTS };
}

function packedOf(said: string, complaint: string): Packed {
  const outcome = packOutcomeSchema.safeParse(said === '' ? undefined : JSON.parse(said)).data;
  if (outcome?.kind === 'packed') {
    const { kind: _, ...packed } = outcome;
    return packed;
  }
  if (outcome?.code === 'no-space') throw new RockpoolError('no-space', outcome.message);
  const why = (outcome?.message ?? complaint).trim().slice(-TOLD_CHARACTERS);
  throw new RockpoolError('internal', `The build could not be stored: ${why}`);
}
