import { contentDigest, readContentDigest } from '../../protocol/content-digest.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import { MAX_SAVE_BYTES, type SaveOwner, savePath } from '../../protocol/save-order.ts';
import { sha256Of } from './save-digest.ts';
import { isPassing, refusalOf } from './signaling-refusal.ts';

/** The saves that signaling keeps of players, as their container gets at them. */
export interface RemoteSaves {
  /**
   * @returns undefined where there is none any more.
   * @throws RockpoolError where it cannot be had, or is damaged.
   */
  read(owner: SaveOwner, token: string, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /**
   * @returns false where it is not wanted, and trying again changes nothing.
   * @throws RockpoolError where it may be taken another time.
   */
  write(owner: SaveOwner, token: string, save: Uint8Array, signal: AbortSignal): Promise<boolean>;
}

/** Over the address at which signaling is joined. */
export class HttpRemoteSaves implements RemoteSaves {
  readonly #signalingUrl: string;

  constructor(signalingUrl: string) {
    this.#signalingUrl = signalingUrl;
  }

  async read(
    owner: SaveOwner,
    token: string,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const response = await this.#request(owner, token, { signal });
    if (response.status === 404) {
      await response.body?.cancel();
      return undefined;
    }
    if (!response.ok) throw await refusal(response);
    const save = await content(response);
    if (sha256Of(save) === readContentDigest(response.headers.get('content-digest'))) return save;
    throw new RockpoolError('bad-message', 'The save came damaged.');
  }

  async write(
    owner: SaveOwner,
    token: string,
    save: Uint8Array,
    signal: AbortSignal,
  ): Promise<boolean> {
    const response = await this.#request(owner, token, {
      method: 'PUT',
      headers: { 'Content-Digest': contentDigest(sha256Of(save)) },
      body: save as Uint8Array<ArrayBuffer>,
      signal,
    });
    if (response.ok) return true;
    const error = await refusal(response);
    if (isPassing(response)) throw error;
    return false;
  }

  async #request(owner: SaveOwner, token: string, init: RequestInit): Promise<Response> {
    const url = new URL(savePath(owner), this.#signalingUrl);
    const headers = { ...init.headers, Authorization: `Bearer ${token}` };
    try {
      return await fetch(url, { ...init, headers, redirect: 'error' });
    } catch (cause) {
      throw awayError(cause);
    }
  }
}

async function content(response: Response): Promise<Uint8Array> {
  if (Number(response.headers.get('content-length')) > MAX_SAVE_BYTES) {
    await response.body?.cancel();
    throw new RockpoolError('message-too-large', `A save has at most ${MAX_SAVE_BYTES} bytes.`);
  }
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw awayError(cause);
  }
}

function refusal(response: Response): Promise<RockpoolError> {
  return refusalOf(response, `Signaling answered ${response.status} to a save.`);
}

function awayError(cause: unknown): RockpoolError {
  return new RockpoolError('timeout', 'Signaling could not be reached for a save.', { cause });
}
