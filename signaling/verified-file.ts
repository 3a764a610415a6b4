import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { RockpoolError } from '../protocol/errors.ts';

/**
 * Writes a new file and has it on the disk when this resolves. Where it rejects, the file may be there
 * in part.
 * @param what begins the sentence of the error, such as "The save".
 * @throws RockpoolError `bad-message` where the content is not of that length and digest.
 */
export async function writeVerified(
  path: string,
  { bytes, sha256 }: { readonly bytes: number; readonly sha256: string },
  content: AsyncIterable<Uint8Array>,
  what: string,
): Promise<void> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx');
  try {
    let received = 0;
    for await (const chunk of content) {
      received += chunk.byteLength;
      if (received > bytes) break;
      hash.update(chunk);
      await writeWhole(file, chunk);
    }
    if (received !== bytes || hash.digest('hex') !== sha256) {
      throw new RockpoolError('bad-message', `${what} is not what its length and digest say.`);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  let written = 0;
  while (written < chunk.byteLength) {
    written += (await file.write(chunk, written)).bytesWritten;
  }
}

/** A new name is on the disk only when its folder is. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
