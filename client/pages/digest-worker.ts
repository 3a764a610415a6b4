/** The program of a worker that takes the SHA-256 of a file: pages go on answering meanwhile. */
import { Sha256 } from '../../protocol/sha256.ts';

/** Read at once. */
const PART_BYTES = 4 * 2 ** 20;

/** What it answers: the digest, or why there is none. */
export type DigestAnswer = { readonly sha256: string } | { readonly problem: string };

async function digestOf(content: Blob): Promise<DigestAnswer> {
  try {
    const hash = new Sha256();
    for (let from = 0; from < content.size; from += PART_BYTES) {
      hash.update(new Uint8Array(await content.slice(from, from + PART_BYTES).arrayBuffer()));
    }
    return { sha256: hash.hex() };
  } catch (thrown) {
    // A file that was changed or moved since it was chosen cannot be read any more.
    return { problem: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

addEventListener('message', ({ data }: MessageEvent<Blob>) => {
  void digestOf(data).then((answer) => postMessage(answer));
});
