import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type GameId, gameIdSchema, type PlayerId, playerIdSchema } from '../protocol/ids.ts';
import { type KeptSave, keptSaveSchema, type SaveOwner } from '../protocol/save-order.ts';
import { isCode } from './data-folder.ts';
import type { SaveVault, StoredSave } from './save-vault.ts';
import { syncFolder, writeVerified } from './verified-file.ts';

/**
 * Of all saves together: 256 of the largest size, and 160,000 of the usual 100 KiB. Beyond it goes
 * who has not saved for the longest.
 */
export const MAX_VAULT_BYTES = 16 * 2 ** 30;

/** No player's id. */
const DRAFTS = 'drafts';
const FILE_NAME = /^([a-z0-9-]+)\.(\d+)\.([0-9a-f]{64})$/;

export interface FolderSaveVaultOptions {
  /** Epoch milliseconds; of this machine alone. */
  readonly wallClockMs: () => number;
  readonly maxBytes?: number;
}

/** The player who saved last comes last. */
type Players = Map<PlayerId, Map<GameId, KeptSave>>;

/**
 * A folder for each player, in it a file for each game, whose name says the rest: `GAME.TURN.SHA-256`.
 * A save is written beside and moved there once it is whole, so that there is the old one or the new.
 */
export class FolderSaveVault implements SaveVault {
  readonly #folder: string;
  readonly #options: FolderSaveVaultOptions;
  readonly #players: Players;
  readonly #maxBytes: number;
  #bytes = 0;
  #lastTurn = 0;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(folder: string, options: FolderSaveVaultOptions, players: Players) {
    this.#folder = folder;
    this.#options = options;
    this.#players = players;
    this.#maxBytes = options.maxBytes ?? MAX_VAULT_BYTES;
    for (const games of players.values()) {
      for (const { bytes, turn } of games.values()) {
        this.#bytes += bytes;
        this.#lastTurn = Math.max(this.#lastTurn, turn);
      }
    }
  }

  /** In the data folder, of which it is the only user. */
  static async open(dataFolder: string, options: FolderSaveVaultOptions): Promise<FolderSaveVault> {
    // Where signaling and a container share a data folder, `saves` is the container's.
    const folder = join(dataFolder, 'save-vault');
    await rm(join(folder, DRAFTS), { recursive: true, force: true });
    await mkdir(join(folder, DRAFTS), { recursive: true });
    return new FolderSaveVault(folder, options, await readPlayers(folder));
  }

  newest({ playerId, gameId }: SaveOwner): KeptSave | undefined {
    return this.#players.get(playerId)?.get(gameId);
  }

  async read(owner: SaveOwner): Promise<StoredSave | undefined> {
    for (;;) {
      const kept = this.newest(owner);
      if (!kept) return undefined;
      try {
        const file = await open(this.#path(owner, kept), 'r');
        return { kept, content: file.createReadStream() };
      } catch (error) {
        if (!isCode(error, 'ENOENT')) throw error;
        // A newer one has taken its place meanwhile; or somebody has removed the file.
        if (this.newest(owner) === kept) return undefined;
      }
    }
  }

  async write(
    owner: SaveOwner,
    save: KeptSave,
    content: AsyncIterable<Uint8Array>,
  ): Promise<boolean> {
    if (this.#isOvertaken(owner, save)) return false;
    const draft = join(this.#folder, DRAFTS, randomUUID());
    try {
      await writeVerified(draft, save, content, 'The save');
      return await this.#inTurn(() => this.#keep(owner, save, draft));
    } finally {
      await rm(draft, { force: true });
    }
  }

  nextTurn(): number {
    // The clock only lets the numbers rise over the loss of this folder too.
    this.#lastTurn = Math.max(this.#lastTurn + 1, Math.floor(this.#options.wallClockMs()));
    return this.#lastTurn;
  }

  #isOvertaken(owner: SaveOwner, { turn }: KeptSave): boolean {
    return (this.newest(owner)?.turn ?? 0) > turn;
  }

  async #keep(owner: SaveOwner, save: KeptSave, draft: string): Promise<boolean> {
    if (this.#isOvertaken(owner, save)) return false;
    const { playerId, gameId } = owner;
    const path = this.#path(owner, save);
    await mkdir(join(this.#folder, playerId), { recursive: true });
    await rename(draft, path);
    await syncFolder(join(this.#folder, playerId));
    const earlier = this.newest(owner);
    const games = this.#players.get(playerId) ?? new Map<GameId, KeptSave>();
    this.#players.delete(playerId);
    this.#players.set(playerId, games.set(gameId, save));
    this.#bytes += save.bytes - (earlier?.bytes ?? 0);
    const earlierPath = earlier && this.#path(owner, earlier);
    if (earlierPath !== undefined && earlierPath !== path) await rm(earlierPath, { force: true });
    await this.#makeRoom();
    return true;
  }

  /** Never removes what came last. */
  async #makeRoom(): Promise<void> {
    for (const [playerId, games] of this.#players) {
      if (this.#bytes <= this.#maxBytes || this.#players.size === 1) return;
      this.#players.delete(playerId);
      for (const { bytes } of games.values()) this.#bytes -= bytes;
      await rm(join(this.#folder, playerId), { recursive: true, force: true });
    }
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(task);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #path({ playerId, gameId }: SaveOwner, { turn, sha256 }: KeptSave): string {
    return join(this.#folder, playerId, `${gameId}.${turn}.${sha256}`);
  }
}

interface FoundSave extends KeptSave {
  readonly gameId: GameId;
  readonly path: string;
  readonly writtenMs: number;
}

async function readPlayers(folder: string): Promise<Players> {
  const found: { playerId: PlayerId; writtenMs: number; games: Map<GameId, KeptSave> }[] = [];
  for (const name of await readdir(folder)) {
    const playerId = playerIdSchema.safeParse(name);
    if (!playerId.success) continue;
    const saves = await readSaves(join(folder, name));
    if (saves.length === 0) continue;
    const writtenMs = Math.max(...saves.map((save) => save.writtenMs));
    const games = new Map(
      saves.map(({ gameId, sha256, bytes, turn }) => [gameId, { sha256, bytes, turn }]),
    );
    found.push({ playerId: playerId.data, writtenMs, games });
  }
  found.sort((a, b) => a.writtenMs - b.writtenMs);
  return new Map(found.map(({ playerId, games }) => [playerId, games]));
}

/** One a game: where a crash left two, the older one is removed. */
async function readSaves(folder: string): Promise<FoundSave[]> {
  const newest = new Map<GameId, FoundSave>();
  for (const name of await readdir(folder)) {
    const save = await readSave(folder, name);
    if (!save) continue;
    const other = newest.get(save.gameId);
    const isNewer =
      !other ||
      save.turn > other.turn ||
      (save.turn === other.turn && save.writtenMs > other.writtenMs);
    if (isNewer) newest.set(save.gameId, save);
    const removed = isNewer ? other : save;
    if (removed) await rm(removed.path);
  }
  return [...newest.values()];
}

/** Undefined where the file is none of ours. */
async function readSave(folder: string, name: string): Promise<FoundSave | undefined> {
  const [, game, turn, sha256] = FILE_NAME.exec(name) ?? [];
  const gameId = gameIdSchema.safeParse(game);
  if (!gameId.success) return undefined;
  const path = join(folder, name);
  const { size, mtimeMs } = await stat(path);
  const kept = keptSaveSchema.safeParse({ sha256, bytes: size, turn: Number(turn) });
  if (!kept.success) return undefined;
  return { ...kept.data, gameId: gameId.data, path, writtenMs: mtimeMs };
}
