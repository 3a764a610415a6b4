import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type PlayerId, playerIdSchema } from '../../protocol/ids.ts';
import { type NetworkRate, networkRateSchema } from '../worker/worker-messages.ts';

/** Home, office, phone, a friend's: what one player connects from. */
const MAX_NETWORKS = 8;
/** About 200 KB as a file. */
const MAX_PLAYERS = 1000;

const fileSchema = z.array(
  z.strictObject({ playerId: playerIdSchema, rates: z.array(networkRateSchema).max(MAX_NETWORKS) }),
);

/**
 * The rates that players' networks carried last time, so that the next session need not find out
 * anew. Losing it costs each player a second of a coarser picture: a file that cannot be read is
 * as good as none.
 */
export class RateMemory {
  readonly #folder: string;
  /** The player who played last comes last. */
  readonly #rates = new Map<PlayerId, readonly NetworkRate[]>();
  #changed = false;
  /** Fails with the last attempt, of which its caller hears. */
  #written: Promise<void> = Promise.resolve();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(dataFolder: string): Promise<RateMemory> {
    const memory = new RateMemory(dataFolder);
    const text = await readFile(memory.#path, 'utf8').catch(() => '[]');
    try {
      for (const { playerId, rates } of fileSchema.parse(JSON.parse(text))) {
        memory.#rates.set(playerId, rates);
      }
    } catch {
      // Of another version, or cut short by a full disk: begin anew.
    }
    return memory;
  }

  /** Newest first. */
  ratesOf(playerId: PlayerId): readonly NetworkRate[] {
    return this.#rates.get(playerId) ?? [];
  }

  note(playerId: PlayerId, rate: NetworkRate): void {
    const others = this.ratesOf(playerId).filter(({ network }) => network !== rate.network);
    this.#rates.delete(playerId);
    this.#rates.set(playerId, [rate, ...others].slice(0, MAX_NETWORKS));
    for (const oldest of this.#rates.keys()) {
      if (this.#rates.size <= MAX_PLAYERS) break;
      this.#rates.delete(oldest);
    }
    this.#changed = true;
  }

  /** Writes what was noted since the last time, after what is being written already. */
  keep(): Promise<void> {
    const written = this.#written.catch(() => {}).then(() => this.#write());
    this.#written = written;
    return written;
  }

  async #write(): Promise<void> {
    if (!this.#changed) return;
    this.#changed = false;
    const file = [...this.#rates].map(([playerId, rates]) => ({ playerId, rates }));
    const temporary = `${this.#path}.${process.pid}.tmp`;
    await mkdir(this.#folder, { recursive: true });
    await writeFile(temporary, JSON.stringify(file));
    await rename(temporary, this.#path);
  }

  get #path(): string {
    return join(this.#folder, 'network-rates.json');
  }
}
