/** The program of the process that unpacks: an order comes in, an outcome goes out. */
import { text } from 'node:stream/consumers';
import { ArchiveRefusal } from './archive-refusal.ts';
import { unpackArchive } from './unpack-archive.ts';
import { type UnpackOutcome, unpackOrderSchema } from './unpack-messages.ts';

async function unpack(): Promise<UnpackOutcome> {
  try {
    const { archive, folder, limits } = unpackOrderSchema.parse(
      JSON.parse(await text(process.stdin)),
    );
    return { kind: 'unpacked', ...(await unpackArchive(archive, folder, limits)) };
  } catch (thrown) {
    if (thrown instanceof ArchiveRefusal) {
      return { kind: 'refused', reason: thrown.reason, message: thrown.message };
    }
    const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    return { kind: 'failed', message };
  }
}

process.stdout.write(JSON.stringify(await unpack()));
