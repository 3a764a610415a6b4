/** The program of the process that packs: an order comes in, an outcome goes out. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { RockpoolError } from '../../../protocol/errors.ts';
import { FolderFiles } from '../builds/folder-files.ts';
import { openBlobStore } from './blob-place.ts';
import { readIndex, storeIndex } from './build-image.ts';
import { packBuild } from './pack-build.ts';
import { type PackOutcome, packOrderSchema } from './pack-messages.ts';

async function pack(order: string): Promise<PackOutcome> {
  try {
    const { folder, place, previous } = packOrderSchema.parse(JSON.parse(order));
    const store = await openBlobStore(place, Date.now);
    const { files } = await FolderFiles.read(folder, { ours: true });
    // A version before that cannot be read any more saves nothing, and stops nothing.
    const before = previous === null ? undefined : await readIndex(previous, store).catch(() => {});
    const { index, stored } = await packBuild(folder, files, store, {
      ...(before ? { previous: before } : {}),
    });
    const blob = await storeIndex(index, store);
    return {
      kind: 'packed',
      content: index.content,
      index: blob,
      storedBytes: stored.bytes + blob.bytes,
    };
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
    // What is worded for people is told as it is, what is not with where it comes from.
    const isWorded = thrown instanceof RockpoolError && code !== 'internal';
    const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    const message = isWorded ? thrown.message : stack;
    return { kind: 'failed', code, message };
  }
}

const lines = createInterface({ input: process.stdin });
const [order] = await once(lines, 'line');
// Whoever gave the order is gone: nobody waits for the outcome.
lines.once('close', () => process.exit(1));
process.stdout.write(JSON.stringify(await pack(String(order))), () => process.exit(0));
