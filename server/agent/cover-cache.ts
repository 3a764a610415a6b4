import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GameId } from '../../protocol/ids.ts';

/** Covers rendered earlier on this machine by the same version of the games. */
export class CoverCache {
  readonly #folder: string;

  constructor(dataFolder: string, version: string) {
    this.#folder = join(dataFolder, 'rendered-covers', version);
  }

  read(gameId: GameId): Promise<Uint8Array | undefined> {
    return readFile(this.#path(gameId)).catch(() => undefined);
  }

  async write(gameId: GameId, webp: Uint8Array): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await writeFile(this.#path(gameId), webp);
  }

  #path(gameId: GameId): string {
    return join(this.#folder, `${gameId}.webp`);
  }
}
