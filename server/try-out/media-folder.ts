import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blob } from '../../protocol/build-index.ts';

/** Pictures and clip of a try-out on their way to signaling, each a file named by its SHA-256. */
export class MediaFolder {
  readonly path: string;

  /** @param path of a folder that is there, and the caller's to remove. */
  constructor(path: string) {
    this.path = path;
  }

  async keep(content: Uint8Array): Promise<Blob> {
    const sha256 = createHash('sha256').update(content).digest('hex');
    await writeFile(join(this.path, sha256), content);
    return { sha256, bytes: content.byteLength };
  }
}
