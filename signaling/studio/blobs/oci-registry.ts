import { setTimeout as sleep } from 'node:timers/promises';
import { RockpoolError } from '../../../protocol/errors.ts';

/** Names in the OCI Distribution specification, 1.1; Docker's registry speaks the same. */
export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const BINARY = 'application/octet-stream';

/** Of a request's body: more is sent in several, so that no more is held in memory. */
const UPLOAD_BYTES = 8 * 2 ** 20;

/**
 * Before a question is asked again that the registry could not answer: one on files fails for the
 * moment in which another request writes what it reads.
 */
const PAUSES_MS = [20, 100, 500] as const;

/** Of what a registry says of an error. */
const TOLD_CHARACTERS = 300;

export interface OciRegistryOptions {
  /** Such as `https://registry.example`, without `/v2`. */
  readonly url: string;
  /** Such as `rockpool/builds`. */
  readonly repository: string;
  /** Value of the `Authorization` header, where the registry asks for one. */
  readonly authorization?: string | undefined;
}

/** One repository of a registry, by the requests of its API. */
export class OciRegistry {
  readonly #options: OciRegistryOptions;
  readonly #base: string;

  constructor(options: OciRegistryOptions) {
    this.#options = options;
    this.#base = `${options.url.replace(/\/$/, '')}/v2/${options.repository}`;
  }

  /** Undefined where there is none. */
  async blobSize(digest: string): Promise<number | undefined> {
    const response = await this.#ask('HEAD', `/blobs/${digest}`, {}, [200, 404]);
    return response.status === 404 ? undefined : Number(response.headers.get('content-length'));
  }

  /** @param range first and last byte. */
  async readBlob(
    digest: string,
    range?: { readonly first: number; readonly last: number },
  ): Promise<Response | undefined> {
    const headers = range ? { range: `bytes=${range.first}-${range.last}` } : {};
    const response = await this.#ask('GET', `/blobs/${digest}`, { headers }, [200, 206, 404, 416]);
    if (response.status === 200 || response.status === 206) return response;
    await response.body?.cancel();
    return response.status === 416 ? new Response(null) : undefined;
  }

  /**
   * Takes a blob over from another repository of the registry, without its content.
   * @returns whether it did.
   */
  async mountBlob(digest: string, from: string): Promise<boolean> {
    const query = `?mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(from)}`;
    const response = await this.#ask('POST', `/blobs/uploads/${query}`, {}, [201, 202]);
    if (response.status === 201) return true;
    // Where it does not, an upload has begun instead.
    await this.#cancel(this.#locationOf(response));
    return false;
  }

  /**
   * Sends a blob. Where reading the content throws, the upload is given up.
   * @param digest gets what was sent, and throws where that is not the blob.
   */
  async sendBlob(content: AsyncIterable<Uint8Array>, digest: () => string): Promise<void> {
    const begun = await this.#ask('POST', '/blobs/uploads/', {}, [202]);
    let location = this.#locationOf(begun);
    try {
      let sent = 0;
      let last = new Uint8Array();
      for await (const body of gathered(content, UPLOAD_BYTES)) {
        if (last.length > 0) {
          const headers = {
            'content-type': BINARY,
            'content-range': `${sent}-${sent + last.length - 1}`,
          };
          const response = await this.#send('PATCH', location, { headers, body: last }, [202]);
          location = this.#locationOf(response);
          sent += last.length;
        }
        last = body;
      }
      const end = new URL(location);
      end.searchParams.set('digest', digest());
      const headers = {
        'content-type': BINARY,
        ...(sent > 0 ? { 'content-range': `${sent}-${sent + last.length - 1}` } : {}),
      };
      await this.#send('PUT', end.href, { headers, body: last }, [201]);
    } catch (error) {
      await this.#cancel(location);
      throw error;
    }
  }

  /** What a tag stands for, with its digest; undefined where there is none. */
  async readManifest(
    tag: string,
  ): Promise<{ readonly digest: string; readonly manifest: unknown } | undefined> {
    const headers = { accept: MANIFEST_TYPE };
    const response = await this.#ask('GET', `/manifests/${tag}`, { headers }, [200, 404]);
    const digest = response.headers.get('docker-content-digest');
    if (response.status === 200 && digest) return { digest, manifest: await response.json() };
    await response.body?.cancel();
    return undefined;
  }

  async putManifest(tag: string, manifest: object): Promise<void> {
    const headers = { 'content-type': MANIFEST_TYPE };
    const body = JSON.stringify(manifest);
    await this.#ask('PUT', `/manifests/${tag}`, { headers, body }, [201]);
  }

  async deleteManifest(digest: string): Promise<void> {
    const response = await this.#ask('DELETE', `/manifests/${digest}`, {}, [202, 404, 405]);
    await response.body?.cancel();
    if (response.status !== 405) return;
    throw new RockpoolError(
      'bad-configuration',
      `The registry ${this.#options.url} lets nobody delete, so no space is freed. Allow it there: with docker-registry by storage.delete.enabled.`,
    );
  }

  async *tags(): AsyncGenerator<string> {
    let next: string | undefined = `${this.#base}/tags/list?n=1000`;
    while (next !== undefined) {
      const response: Response = await this.#send('GET', next, {}, [200, 404]);
      if (response.status === 404) {
        await response.body?.cancel();
        return;
      }
      const { tags } = (await response.json()) as { readonly tags: unknown };
      for (const tag of Array.isArray(tags) ? tags : []) yield String(tag);
      const [, link] = /<([^>]+)>;\s*rel="?next"?/.exec(response.headers.get('link') ?? '') ?? [];
      next = link === undefined ? undefined : new URL(link, this.#base).href;
    }
  }

  /** Asks what may be asked twice. An upload begun in vain is forgotten by the registry. */
  async #ask(
    method: string,
    path: string,
    request: RequestInit,
    wanted: readonly number[],
  ): Promise<Response> {
    const url = `${this.#base}${path}`;
    for (const pauseMs of PAUSES_MS) {
      const response = await this.#fetch(method, url, request);
      if (response.status < 500) return this.#accepted(method, response, wanted);
      await response.body?.cancel();
      await sleep(pauseMs);
    }
    return this.#send(method, url, request, wanted);
  }

  async #send(
    method: string,
    url: string,
    request: RequestInit,
    wanted: readonly number[],
  ): Promise<Response> {
    return this.#accepted(method, await this.#fetch(method, url, request), wanted);
  }

  async #fetch(method: string, url: string, request: RequestInit): Promise<Response> {
    const { authorization } = this.#options;
    const headers = { ...request.headers, ...(authorization ? { authorization } : {}) };
    try {
      return await fetch(url, { ...request, method, headers });
    } catch (cause) {
      throw new RockpoolError(
        'internal',
        `The registry ${this.#options.url} cannot be reached. Is it running, and is that its address?`,
        { cause },
      );
    }
  }

  async #accepted(
    method: string,
    response: Response,
    wanted: readonly number[],
  ): Promise<Response> {
    if (wanted.includes(response.status)) return response;
    const said = (await response.text()).slice(0, TOLD_CHARACTERS);
    throw new RockpoolError(
      'internal',
      `The registry ${this.#options.url} answered ${method} with ${response.status}: ${said || response.statusText}`,
    );
  }

  #locationOf(response: Response): string {
    return new URL(response.headers.get('location') ?? '', this.#base).href;
  }

  async #cancel(location: string): Promise<void> {
    // What failed before says more than whether this does; registries forget uploads by themselves.
    const response = await this.#send('DELETE', location, {}, [202, 204, 404]).catch(
      () => undefined,
    );
    await response?.body?.cancel();
  }
}

/** The same bytes in pieces of `bytes`, the last one shorter; one empty piece where there are none. */
async function* gathered(
  content: AsyncIterable<Uint8Array>,
  bytes: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let held: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of content) {
    for (let at = 0; at < chunk.length; ) {
      const taken = chunk.subarray(at, at + bytes - length);
      held.push(taken);
      at += taken.length;
      length += taken.length;
      if (length < bytes) continue;
      yield joined(held);
      held = [];
      length = 0;
    }
  }
  if (length > 0) yield joined(held);
}

/** A copy: what was given may be used again by who gave it. */
function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(pieces));
}
