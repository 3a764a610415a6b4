import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RockpoolError } from '../../protocol/errors.ts';
import {
  TRY_OUT_END_PATH,
  TRY_OUT_NEWS_PATH,
  type TryOutEnd,
  tryOutBlobPath,
} from '../../protocol/try-out-messages.ts';
import { mediaOf } from '../../protocol/try-out-report.ts';
import { isPassing, refusalOf } from './signaling-refusal.ts';

/** Where a try-out's news and findings go. */
export interface TryOutDelivery {
  /** What is being done; a lost one is followed by another. Never throws. */
  tell(token: string, text: string): Promise<void>;
  /**
   * Everything that was found, with what it names of a folder.
   * @throws RockpoolError where signaling does not take it, or is away for long.
   */
  bring(token: string, end: TryOutEnd, mediaFolder: string, signal: AbortSignal): Promise<void>;
  /** Another machine is to do it; signaling finds out by itself where this is lost. Never throws. */
  giveUp(token: string, why: string): Promise<void>;
}

/** Waits between attempts to reach signaling, milliseconds: longer than it is away for a restart. */
const PAUSES_MS = [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000] as const;

/** Longest that one upload may take: 8 MB over a slow line. */
const REQUEST_LIMIT_MS = 120_000;

const NEWS_LIMIT_MS = 5_000;

interface Body {
  readonly method: 'PUT' | 'POST';
  readonly path: string;
  readonly type: string;
  readonly content: Uint8Array | string;
}

/** Over the address at which signaling is joined. */
export class HttpTryOutDelivery implements TryOutDelivery {
  readonly #signalingUrl: string;

  constructor(signalingUrl: string) {
    this.#signalingUrl = signalingUrl;
  }

  async tell(token: string, text: string): Promise<void> {
    try {
      await this.#once(
        token,
        json(TRY_OUT_NEWS_PATH, { text }),
        AbortSignal.timeout(NEWS_LIMIT_MS),
      );
    } catch {
      // The next news say more than these would.
    }
  }

  async giveUp(token: string, why: string): Promise<void> {
    const end: TryOutEnd = { kind: 'not-tried', why: why.slice(0, 2000) || 'It was given up.' };
    try {
      await this.#once(token, json(TRY_OUT_END_PATH, end), AbortSignal.timeout(NEWS_LIMIT_MS));
    } catch {
      // The container is on its way out, and is missed.
    }
  }

  async bring(
    token: string,
    end: TryOutEnd,
    mediaFolder: string,
    signal: AbortSignal,
  ): Promise<void> {
    const media = end.kind === 'tried' ? mediaOf(end.findings) : [];
    for (const { sha256, type } of media) {
      const content = await readFile(join(mediaFolder, sha256));
      await this.#send(
        token,
        { method: 'PUT', path: tryOutBlobPath(sha256), type, content },
        signal,
      );
    }
    await this.#send(token, json(TRY_OUT_END_PATH, end), signal);
  }

  async #send(token: string, body: Body, signal: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        const limit = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_LIMIT_MS)]);
        await this.#once(token, body, limit);
        return;
      } catch (error) {
        const pauseMs = PAUSES_MS[attempt];
        const isAway = error instanceof RockpoolError && error.code === 'timeout';
        if (pauseMs === undefined || !isAway || signal.aborted) throw error;
        await delay(pauseMs, undefined, { signal });
      }
    }
  }

  async #once(
    token: string,
    { method, path, type, content }: Body,
    signal: AbortSignal,
  ): Promise<void> {
    let response: Response;
    try {
      response = await fetch(new URL(path, this.#signalingUrl), {
        method,
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': type },
        body: content as string | Uint8Array<ArrayBuffer>,
        redirect: 'error',
        signal,
      });
    } catch (cause) {
      throw away(cause);
    }
    if (!response.ok) throw await refusal(response);
    await response.body?.cancel();
  }
}

function json(path: string, value: unknown): Body {
  return { method: 'POST', path, type: 'application/json', content: JSON.stringify(value) };
}

async function refusal(response: Response): Promise<RockpoolError> {
  const answered = `Signaling answered ${response.status}`;
  if (!isPassing(response)) return refusalOf(response, `${answered} to what was found of a build.`);
  await response.body?.cancel();
  return away(new Error(`${answered}.`));
}

function away(cause: unknown): RockpoolError {
  return new RockpoolError(
    'timeout',
    'Signaling could not be reached with what was found of a build.',
    { cause },
  );
}
