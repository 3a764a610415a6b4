import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { GameId, PlayerId } from '../../protocol/ids.ts';
import type { KeptSave } from '../../protocol/save-order.ts';
import { writeDurably } from './durable-file.ts';
import { sha256Of } from './save-digest.ts';
import { type SaveIndex, type SaveVersion, saveIndexSchema, withVersion } from './save-index.ts';

const INDEX_ENDING = '.json';
const DAMAGED_ENDING = '.damaged';

export interface SaveStoreParts {
  readonly log: Pick<Logger, 'warn'>;
  /** Wall clock, milliseconds since 1970. */
  readonly nowMs: () => number;
}

/** What a save comes from, as far as it is known. */
export type SaveOrigin = Partial<Pick<SaveVersion, 'sessionId' | 'turn'>>;

/** How what is kept here compares with what signaling has. */
export interface OwnSave {
  /** `same` as that, `newer`, or `older`; what signaling does not have is newer. */
  readonly standing: 'same' | 'newer' | 'older';
  /** The newest that may be played from; undefined where there is none. */
  readonly save: Uint8Array | undefined;
}

/**
 * Saves of players, the last few versions for each game. A player has a folder: `GAME.json` names
 * the versions, `blobs/SHA-256` are their contents, each once. A crash leaves what was there before.
 * One store a data folder; what concerns one player happens one after another.
 */
export class SaveStore {
  readonly #folder: string;
  readonly #parts: SaveStoreParts;
  readonly #turns = new Map<PlayerId, Promise<void>>();

  constructor(dataFolder: string, parts: SaveStoreParts) {
    this.#folder = join(dataFolder, 'saves');
    this.#parts = parts;
  }

  /** The newest version that is as it was written; undefined where there is none. */
  read(playerId: PlayerId, gameId: GameId): Promise<Uint8Array | undefined> {
    return this.#inTurn(playerId, async () => {
      for (const version of await this.#load(playerId, gameId)) {
        const save = await this.#readBlob(playerId, version);
        if (save) return save;
        this.#warnOfDamage(playerId, gameId, version);
      }
      return undefined;
    });
  }

  /**
   * Chooses what to play from where signaling has this save, or none: of two, the one of the later turn.
   * A version that is chosen is the newest here from then on.
   */
  choose(playerId: PlayerId, gameId: GameId, remote: KeptSave | undefined): Promise<OwnSave> {
    return this.#inTurn(playerId, async () => {
      const versions = await this.#load(playerId, gameId);
      let fallback: Uint8Array | undefined;
      let isPast = false;
      for (const version of versions) {
        const isSame = version.sha256 === remote?.sha256;
        const isNewer = !isPast && (!remote || (version.turn ?? 0) >= remote.turn);
        // What was here before that which signaling has is older, of one turn too.
        isPast ||= isSame;
        if (fallback && !isSame && !isNewer) continue;
        const save = await this.#readBlob(playerId, version);
        if (!save) this.#warnOfDamage(playerId, gameId, version);
        else if (isSame || isNewer) {
          if (version !== versions[0]) {
            const others = versions.filter((one) => one !== version);
            await this.#keep(playerId, gameId, [version, ...others]);
          }
          return { standing: isSame ? 'same' : 'newer', save };
        }
        fallback ??= save;
      }
      return { standing: remote ? 'older' : 'newer', save: fallback };
    });
  }

  /** Adds a version, unless it is the same as the newest. */
  write(playerId: PlayerId, gameId: GameId, origin: SaveOrigin, save: Uint8Array): Promise<void> {
    return this.#inTurn(playerId, async () => {
      const versions = await this.#load(playerId, gameId);
      const version = this.#versionOf(save, this.#parts.nowMs());
      const isKnown = versions[0]?.sha256 === version.sha256;
      if (isKnown && (await this.#readBlob(playerId, version))) return;
      await writeDurably(this.#blobPath(playerId, version.sha256), save);
      if (isKnown) return;
      await this.#keep(playerId, gameId, withVersion(versions, { ...version, ...origin }));
      await this.#removeUnused(playerId);
    });
  }

  /** Newest first. */
  list(playerId: PlayerId, gameId: GameId): Promise<readonly SaveVersion[]> {
    return this.#inTurn(playerId, () => this.#load(playerId, gameId));
  }

  /** Resolves when everything is written that was to be. */
  async close(): Promise<void> {
    await Promise.all(this.#turns.values());
  }

  #inTurn<T>(playerId: PlayerId, task: () => Promise<T>): Promise<T> {
    const result = (this.#turns.get(playerId) ?? Promise.resolve()).then(task);
    const done = () => {
      if (this.#turns.get(playerId) === turn) this.#turns.delete(playerId);
    };
    const turn: Promise<void> = result.then(done, done);
    this.#turns.set(playerId, turn);
    return result;
  }

  async #load(playerId: PlayerId, gameId: GameId): Promise<readonly SaveVersion[]> {
    const path = this.#indexPath(playerId, gameId);
    const text = await unlessMissing(readFile(path, 'utf8'));
    if (text === undefined) return this.#migrate(playerId, gameId);
    const index = parseIndex(text);
    if (index) return index.versions;
    await rename(path, `${path}${DAMAGED_ENDING}`);
    this.#parts.log.warn({ playerId, gameId }, `an index of saves is damaged: see ${path}`);
    return [];
  }

  /** Takes over the one file that was kept before there were versions. */
  async #migrate(playerId: PlayerId, gameId: GameId): Promise<readonly SaveVersion[]> {
    const path = join(this.#folder, playerId, `${gameId}.save`);
    const save = await unlessMissing(readFile(path));
    if (!save || save.length === 0) return [];
    const version = this.#versionOf(save, (await stat(path)).mtimeMs);
    await writeDurably(this.#blobPath(playerId, version.sha256), save);
    await this.#keep(playerId, gameId, [version]);
    await rm(path);
    return [version];
  }

  #warnOfDamage(playerId: PlayerId, gameId: GameId, { sha256, savedAt }: SaveVersion): void {
    this.#parts.log.warn(
      { playerId, gameId, sha256, savedAt },
      'a save is damaged: the one before it is used',
    );
  }

  #versionOf(save: Uint8Array, savedAtMs: number): SaveVersion {
    const savedAt = new Date(savedAtMs).toISOString();
    return { sha256: sha256Of(save), bytes: save.length, savedAt };
  }

  async #keep(playerId: PlayerId, gameId: GameId, versions: readonly SaveVersion[]): Promise<void> {
    const index: SaveIndex = { format: 1, versions: [...versions] };
    await writeDurably(this.#indexPath(playerId, gameId), JSON.stringify(index));
  }

  /** @returns undefined where it is not what the version says. */
  async #readBlob(playerId: PlayerId, version: SaveVersion): Promise<Uint8Array | undefined> {
    const path = this.#blobPath(playerId, version.sha256);
    const blob = await unlessMissing(readFile(path));
    return blob && sha256Of(blob) === version.sha256 ? blob : undefined;
  }

  /** Removes the blobs that none of the player's indices names, and what a crash left of one. */
  async #removeUnused(playerId: PlayerId): Promise<void> {
    const folder = join(this.#folder, playerId);
    const used = new Set<string>();
    for (const name of await readdir(folder)) {
      // Somebody may still want to mend it.
      if (name.endsWith(DAMAGED_ENDING)) return;
      if (!name.endsWith(INDEX_ENDING)) continue;
      const index = parseIndex(await readFile(join(folder, name), 'utf8'));
      if (!index) return;
      for (const { sha256 } of index.versions) used.add(sha256);
    }
    const blobs = join(folder, 'blobs');
    for (const name of await readdir(blobs)) {
      if (!used.has(name)) await rm(join(blobs, name));
    }
  }

  #indexPath(playerId: PlayerId, gameId: GameId): string {
    return join(this.#folder, playerId, `${gameId}${INDEX_ENDING}`);
  }

  #blobPath(playerId: PlayerId, sha256: string): string {
    return join(this.#folder, playerId, 'blobs', sha256);
  }
}

function parseIndex(text: string): SaveIndex | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return saveIndexSchema.safeParse(value).data;
}

async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
