import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { RockpoolError } from '../../../protocol/errors.ts';

/**
 * Hashing is work for a processor, not for the thread that answers players. The program is given as text
 * so that it is the same whether it is started from sources or compiled.
 */
const PROGRAM = `
  const { createHash } = require('node:crypto');
  const { openSync, readSync, closeSync } = require('node:fs');
  const { parentPort, workerData } = require('node:worker_threads');
  const hash = createHash('sha256');
  const part = Buffer.allocUnsafe(2 ** 20);
  const file = openSync(workerData, 'r');
  for (let bytes; (bytes = readSync(file, part)) > 0; ) hash.update(part.subarray(0, bytes));
  closeSync(file);
  parentPort.postMessage(hash.digest('hex'));
`;

/**
 * SHA-256 of a file, in hexadecimal.
 * @throws RockpoolError `internal` where it cannot be read.
 */
export async function fileDigest(path: string, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const worker = new Worker(PROGRAM, { eval: true, workerData: path });
  try {
    const [digest] = await once(worker, 'message', { signal });
    return String(digest);
  } catch (cause) {
    signal.throwIfAborted();
    throw new RockpoolError('internal', 'The upload could not be read. Try again.', { cause });
  } finally {
    await worker.terminate();
  }
}
