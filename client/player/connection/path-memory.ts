import { z } from 'zod';
import { containerIdSchema } from '../../../protocol/ids.ts';
import {
  type KnownPath,
  MAX_KNOWN_PATHS,
  MAX_ROUND_TRIP_MS,
  PATH_MEMORY_MS,
} from '../../../protocol/path-trial.ts';

const KEY = 'rockpool.paths';

const rememberedSchema = z
  .array(
    z.strictObject({
      containerId: containerIdSchema,
      roundTripMs: z.number().min(0).max(MAX_ROUND_TRIP_MS),
      /** Epoch milliseconds. */
      atMs: z.number(),
      network: z.string().max(40),
    }),
  )
  .max(MAX_KNOWN_PATHS);
type Remembered = z.infer<typeof rememberedSchema>;

export interface PathMemoryOptions {
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
  /** What kind of network this is, as far as the browser can tell; each has paths of its own. */
  readonly networkKind: () => string;
}

/** How far containers were from here, for a day. */
export class PathMemory {
  readonly #options: PathMemoryOptions;

  constructor(options: PathMemoryOptions) {
    this.#options = options;
  }

  /** From the network there is now, newest first. */
  known(): KnownPath[] {
    const { wallClockMs, networkKind } = this.#options;
    const nowMs = wallClockMs();
    const network = networkKind();
    return this.#read()
      .filter((path) => path.network === network)
      .map(({ containerId, roundTripMs, atMs }) => ({
        containerId,
        roundTripMs,
        ageMs: nowMs - atMs,
      }));
  }

  remember(paths: readonly Pick<KnownPath, 'containerId' | 'roundTripMs'>[]): void {
    if (paths.length === 0) return;
    const { storage, wallClockMs, networkKind } = this.#options;
    const atMs = wallClockMs();
    const network = networkKind();
    const isNew = (path: Remembered[number]) =>
      path.network === network && paths.some(({ containerId }) => containerId === path.containerId);
    const fresh = paths.map(({ containerId, roundTripMs }) => ({
      containerId,
      roundTripMs: Math.min(roundTripMs, MAX_ROUND_TRIP_MS),
      atMs,
      network,
    }));
    const kept = [...fresh, ...this.#read().filter((path) => !isNew(path))];
    storage.setItem(KEY, JSON.stringify(kept.slice(0, MAX_KNOWN_PATHS)));
  }

  /** Of the last day; what is of the future was written under another clock. */
  #read(): Remembered {
    const text = this.#options.storage.getItem(KEY);
    if (text === null) return [];
    const nowMs = this.#options.wallClockMs();
    try {
      return rememberedSchema
        .parse(JSON.parse(text))
        .filter(({ atMs }) => atMs <= nowMs && nowMs - atMs <= PATH_MEMORY_MS);
    } catch (error) {
      console.error('What was known of the ways to machines could not be read.', error);
      return [];
    }
  }
}
