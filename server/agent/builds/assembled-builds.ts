import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type BuildIndex, buildIndexSchema } from '../../../protocol/build-index.ts';
import { type GameId, gameIdSchema } from '../../../protocol/ids.ts';
import { type BuildId, buildIdSchema } from '../../../protocol/studio-builds.ts';
import type { AssembledBuild } from './build-assembly.ts';

const GAME = 'game';
const INDEX = 'index.json';
const ABOUT = 'about.json';

const aboutSchema = z.strictObject({ gameId: gameIdSchema, bytes: z.int().min(0) });

interface Kept {
  readonly gameId: GameId;
  readonly bytes: number;
}

/**
 * Builds that are put together on this machine, each in a folder of its own: `BUILD/game` is what a
 * session sees. The folder is there when all of it is.
 */
export class AssembledBuilds {
  readonly #folder: string;
  readonly #nowMs: () => number;
  /** The one used last comes last. */
  readonly #kept: Map<BuildId, Kept>;
  readonly #removing = new Map<BuildId, Promise<void>>();
  #total = 0;

  private constructor(folder: string, nowMs: () => number, kept: Map<BuildId, Kept>) {
    this.#folder = folder;
    this.#nowMs = nowMs;
    this.#kept = kept;
    for (const { bytes } of kept.values()) this.#total += bytes;
  }

  /** In a folder of which it is the only user; what was left half done there goes. */
  static async open(folder: string, nowMs: () => number): Promise<AssembledBuilds> {
    await mkdir(folder, { recursive: true });
    const found: { buildId: BuildId; kept: Kept; usedMs: number }[] = [];
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const buildId = buildIdSchema.safeParse(name);
      const known = buildId.success ? await readKept(path) : undefined;
      if (buildId.success && known) found.push({ buildId: buildId.data, ...known });
      else await rm(path, { recursive: true, force: true });
    }
    found.sort((a, b) => a.usedMs - b.usedMs);
    const kept = new Map(found.map(({ buildId, kept }) => [buildId, kept]));
    return new AssembledBuilds(folder, nowMs, kept);
  }

  /** Of all files; those that versions share are counted with each. */
  get bytes(): number {
    return this.#total;
  }

  /** The one used last comes last. */
  get ids(): BuildId[] {
    return [...this.#kept.keys()];
  }

  has(buildId: BuildId): boolean {
    return this.#kept.has(buildId);
  }

  /** Where a build lies, or will. */
  folderOf(buildId: BuildId): string {
    return join(this.#folder, buildId, GAME);
  }

  /** It is used now. */
  async touch(buildId: BuildId): Promise<void> {
    const kept = this.#kept.get(buildId);
    if (!kept) return;
    this.#kept.delete(buildId);
    this.#kept.set(buildId, kept);
    const nowS = this.#nowMs() / 1000;
    await utimes(join(this.#folder, buildId, ABOUT), nowS, nowS);
  }

  /** A build of the same game whose files may serve again. */
  async previous(gameId: GameId): Promise<AssembledBuild | undefined> {
    const [buildId] = [...this.#kept].reverse().find(([, one]) => one.gameId === gameId) ?? [];
    if (!buildId) return undefined;
    try {
      const text = await readFile(join(this.#folder, buildId, INDEX), 'utf8');
      const index = buildIndexSchema.parse(JSON.parse(text));
      return { folder: this.folderOf(buildId), index };
    } catch {
      // Without it more is copied; the result is the same.
      return undefined;
    }
  }

  /**
   * Takes in a build that `assemble` puts into the folder it is given.
   * @throws whatever `assemble` throws; nothing is left then.
   */
  async add(
    buildId: BuildId,
    gameId: GameId,
    index: BuildIndex,
    assemble: (folder: string) => Promise<void>,
  ): Promise<void> {
    const folder = join(this.#folder, buildId);
    const bytes = index.files.reduce((sum, file) => sum + file.bytes, 0);
    await this.#removing.get(buildId);
    try {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, INDEX), JSON.stringify(index));
      await writeFile(join(folder, ABOUT), JSON.stringify({ gameId, bytes }));
      await assemble(this.folderOf(buildId));
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    this.#kept.set(buildId, { gameId, bytes });
    this.#total += bytes;
    await this.touch(buildId);
  }

  /** Nothing happens where it is not there. */
  async remove(buildId: BuildId): Promise<void> {
    const kept = this.#kept.get(buildId);
    if (!kept) return;
    this.#kept.delete(buildId);
    this.#total -= kept.bytes;
    const removing = this.#remove(buildId).finally(() => this.#removing.delete(buildId));
    this.#removing.set(buildId, removing);
    await removing;
  }

  async #remove(buildId: BuildId): Promise<void> {
    // Under another name at once: what is half removed is no build.
    const gone = join(this.#folder, `.${randomUUID()}`);
    await rename(join(this.#folder, buildId), gone);
    await rm(gone, { recursive: true, force: true });
  }
}

async function readKept(folder: string) {
  try {
    await stat(join(folder, GAME));
    const about = aboutSchema.parse(JSON.parse(await readFile(join(folder, ABOUT), 'utf8')));
    const { mtimeMs } = await stat(join(folder, ABOUT));
    return { kept: about, usedMs: mtimeMs };
  } catch {
    // Cut off while it was written, or of another release: it is fetched again.
    return undefined;
  }
}
