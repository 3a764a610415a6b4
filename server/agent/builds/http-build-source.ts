import type { Blob } from '../../../protocol/build-index.ts';
import { blobPath } from '../../../protocol/build-order.ts';
import { RockpoolError } from '../../../protocol/errors.ts';
import { isPassing, refusalOf } from '../signaling-refusal.ts';
import type { BuildSource } from './build-source.ts';

/**
 * Waits between attempts to reach signaling, milliseconds: together longer than it is away for a
 * restart, and shorter than somebody waits for a game.
 */
const PAUSES_MS = [250, 500, 1_000, 2_000, 4_000, 8_000] as const;

/** A connection over which nothing comes for so long is a dead one. */
const STALL_MS = 30_000;

export interface HttpBuildSourceOptions {
  readonly signalingUrl: string;
  /** Opens the blobs of one build. */
  readonly token: string;
  /** Runs once after so many milliseconds; what it returns cancels that. */
  readonly after: (delayMs: number, task: () => void) => () => void;
}

/** Blobs of one build, from signaling, over the address at which it is joined. */
export class HttpBuildSource implements BuildSource {
  readonly #options: HttpBuildSourceOptions;

  constructor(options: HttpBuildSourceOptions) {
    this.#options = options;
  }

  async readBlob(
    blob: Blob,
    from: number,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#request(blob, from, signal);
      } catch (error) {
        const pauseMs = PAUSES_MS[attempt];
        const isAway = error instanceof RockpoolError && error.code === 'timeout';
        if (pauseMs === undefined || !isAway || signal.aborted) throw error;
        await this.#pause(pauseMs, signal);
      }
    }
  }

  async #request(
    blob: Blob,
    from: number,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    const { signalingUrl, token, after } = this.#options;
    const stalled = new AbortController();
    const watch = new Stall(after, () => stalled.abort());
    let response: Response;
    try {
      response = await fetch(new URL(blobPath(blob.sha256), signalingUrl), {
        headers: {
          Authorization: `Bearer ${token}`,
          ...(from > 0 && { Range: `bytes=${from}-` }),
        },
        redirect: 'error',
        signal: AbortSignal.any([signal, stalled.signal]),
      });
    } catch (cause) {
      watch.close();
      signal.throwIfAborted();
      throw away(cause);
    }
    if (response.status !== (from > 0 ? 206 : 200) || !response.body) {
      watch.close();
      throw await refusal(response);
    }
    return watched(response.body, watch, signal);
  }

  #pause(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        cancel();
        reject(signal.reason);
      };
      const cancel = this.#options.after(delayMs, () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      });
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }
}

/** Calls `handleStall` when it was not fed for {@link STALL_MS}. */
class Stall {
  readonly #after: HttpBuildSourceOptions['after'];
  readonly #handleStall: () => void;
  #cancel: () => void;

  constructor(after: HttpBuildSourceOptions['after'], handleStall: () => void) {
    this.#after = after;
    this.#handleStall = handleStall;
    this.#cancel = after(STALL_MS, handleStall);
  }

  feed(): void {
    this.#cancel();
    this.#cancel = this.#after(STALL_MS, this.#handleStall);
  }

  close(): void {
    this.#cancel();
  }
}

async function* watched(
  body: ReadableStream<Uint8Array>,
  watch: Stall,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) {
      watch.feed();
      yield chunk;
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw away(cause);
  } finally {
    watch.close();
  }
}

async function refusal(response: Response): Promise<RockpoolError> {
  const answered = `Signaling answered ${response.status}`;
  if (!isPassing(response)) {
    const remedy = `The operator should look whether a proxy in front of it changes ${blobPath('…')}.`;
    return refusalOf(response, `${answered} to a part of the build. ${remedy}`);
  }
  await response.body?.cancel();
  return away(new Error(`${answered}.`));
}

function away(cause: unknown): RockpoolError {
  return new RockpoolError(
    'timeout',
    'This machine could not reach the server that keeps the game. Try again in a moment.',
    { cause },
  );
}
