import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { gameIdSchema } from '../../../protocol/ids.ts';
import { studioIdSchema } from '../../../protocol/studio-access.ts';
import { uploadIdSchema } from '../../../protocol/studio-uploads.ts';
import { isCode, writeAtomically } from '../../data-folder.ts';

const SUFFIX = '.json';

/** What is known of an upload besides its bytes. */
export const uploadNoteSchema = z.strictObject({
  uploadId: uploadIdSchema,
  studioId: studioIdSchema,
  gameId: gameIdSchema,
  name: z.string(),
  fingerprint: z.string(),
  bytes: z.int().min(1),
  startedBy: z.string(),
  startedAtMs: z.int(),
});
export type UploadNote = z.infer<typeof uploadNoteSchema>;

/** Notes beside the uploads in their folder, which is there; each is whole or not there. */
export class UploadNotes {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async write(note: UploadNote): Promise<void> {
    await writeAtomically(this.#path(note.uploadId), Buffer.from(JSON.stringify(note)));
  }

  async remove(uploadId: string): Promise<void> {
    await rm(this.#path(uploadId), { force: true });
  }

  /** Those that can be read. What else is in the folder is somebody's to sweep. */
  async all(): Promise<UploadNote[]> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith(SUFFIX));
    const notes = await Promise.all(names.map((name) => this.#read(join(this.#folder, name))));
    return notes.filter((note) => note !== undefined);
  }

  async #read(path: string): Promise<UploadNote | undefined> {
    try {
      return uploadNoteSchema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
    } catch (error) {
      if (error instanceof SyntaxError || isCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  #path(uploadId: string): string {
    return join(this.#folder, `${uploadId}${SUFFIX}`);
  }
}
