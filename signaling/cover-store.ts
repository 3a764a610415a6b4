import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_COVER_BYTES } from '../protocol/container-messages.ts';
import { RockpoolError } from '../protocol/errors.ts';
import { type GameId, gameIdSchema } from '../protocol/ids.ts';
import { writeAtomically } from './data-folder.ts';

const SUFFIX = '.webp';

/** `RIFF`, a length, `WEBP` (RFC 9649 §2.4). */
function isWebp(bytes: Uint8Array): boolean {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (
    view.length >= 12 &&
    view.toString('latin1', 0, 4) === 'RIFF' &&
    view.toString('latin1', 8, 12) === 'WEBP'
  );
}

function versionOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

/** The newest cover of each game, in the data folder. A version names the content. */
export class CoverStore {
  /** Where the files lie, each named for its game. */
  readonly folder: string;
  readonly #versions: Map<GameId, string>;

  private constructor(folder: string, versions: Map<GameId, string>) {
    this.folder = folder;
    this.#versions = versions;
  }

  static async open(dataFolder: string): Promise<CoverStore> {
    const folder = join(dataFolder, 'covers');
    await mkdir(folder, { recursive: true });
    const versions = new Map<GameId, string>();
    for (const name of await readdir(folder)) {
      const gameId = gameIdSchema.safeParse(name.slice(0, -SUFFIX.length));
      if (!name.endsWith(SUFFIX) || !gameId.success) continue;
      versions.set(gameId.data, versionOf(await readFile(join(folder, name))));
    }
    return new CoverStore(folder, versions);
  }

  /**
   * @returns whether it is another than before.
   * @throws RockpoolError `bad-message` for what is no WebP, `message-too-large`.
   */
  async put(gameId: GameId, webp: Uint8Array): Promise<boolean> {
    if (webp.byteLength > MAX_COVER_BYTES) {
      throw new RockpoolError('message-too-large', `A cover has at most ${MAX_COVER_BYTES} bytes.`);
    }
    if (!isWebp(webp)) throw new RockpoolError('bad-message', 'A cover must be a WebP picture.');
    const version = versionOf(webp);
    if (this.#versions.get(gameId) === version) return false;
    await writeAtomically(join(this.folder, this.fileName(gameId)), webp);
    this.#versions.set(gameId, version);
    return true;
  }

  /** Every game's, for who has none. */
  async *all(): AsyncGenerator<readonly [GameId, Buffer]> {
    for (const gameId of this.#versions.keys()) {
      yield [gameId, await readFile(join(this.folder, this.fileName(gameId)))];
    }
  }

  /** Undefined until there is a cover. */
  version(gameId: GameId): string | undefined {
    return this.#versions.get(gameId);
  }

  fileName(gameId: GameId): string {
    return `${gameId}${SUFFIX}`;
  }

  /** Site-relative; null until there is a cover. */
  url(gameId: GameId): string | null {
    const version = this.#versions.get(gameId);
    return version === undefined ? null : `/covers/${gameId}/${version}${SUFFIX}`;
  }
}
