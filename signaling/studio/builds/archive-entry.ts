/** One thing in an archive, as it is written there: nothing of it is checked. */
export interface ArchiveEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'symbolic-link' | 'hard-link' | 'special';
  /** Permission bits; undefined where the archive keeps none, as those from Windows. */
  readonly mode: number | undefined;
  /** Where a link leads; empty for everything else. */
  readonly target: string;
  /** Of a file; to be read before the next entry is asked for. Throws where it is damaged. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** Of what is no file. */
export async function* noContent(): AsyncGenerator<Uint8Array> {}
