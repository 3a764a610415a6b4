import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { GameId, PlayerId } from '../../protocol/ids.ts';

/** Saves of players, one file a player and game. */
export class SaveStore {
  readonly #folder: string;

  constructor(dataFolder: string) {
    this.#folder = join(dataFolder, 'saves');
  }

  async read(playerId: PlayerId, gameId: GameId): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.#path(playerId, gameId));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Replaces the file as a whole: a crash leaves the old save or the new one, never half of each. */
  async write(playerId: PlayerId, gameId: GameId, save: Uint8Array): Promise<void> {
    const path = this.#path(playerId, gameId);
    await mkdir(dirname(path), { recursive: true });
    const temporary = `${path}.${process.pid}.tmp`;
    await writeFile(temporary, save);
    await rename(temporary, path);
  }

  #path(playerId: PlayerId, gameId: GameId): string {
    return join(this.#folder, playerId, `${gameId}.save`);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
