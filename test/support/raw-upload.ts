import { createHash } from 'node:crypto';
import type { BuildListing } from '../../protocol/studio-builds.ts';
import { type FinishedUpload, UPLOADS_PATH } from '../../protocol/studio-uploads.ts';
import type { StudioBrowser } from './studio-browser.ts';

export const sha256Of = (content: Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Of the error, where it is one. */
  readonly message: string;
}

/** Speaks tus, request by request, as a page or a program with a token does. */
export class RawUploader {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  /** @param url of the server. @param headers that say who it is. */
  constructor(url: string, headers: Readonly<Record<string, string>>) {
    this.#url = url;
    this.#headers = { 'tus-resumable': '1.0.0', ...headers };
  }

  /** As the page of a browser that is signed in. */
  static of(url: string, { cookie = '', origin }: StudioBrowser): RawUploader {
    return new RawUploader(url, { cookie, origin });
  }

  async begin(
    bytes: number,
    about: { studio?: string; game?: string; name?: string; fingerprint?: string } = {},
    more: { headers?: Readonly<Record<string, string>>; body?: BodyInit } = {},
  ): Promise<RawAnswer & { readonly uploadId: string }> {
    const metadata = {
      studio: 'tidal-games',
      game: 'tide',
      name: 'tide.tar',
      fingerprint: 'made up',
      ...about,
    };
    const words = Object.entries(metadata).map(
      ([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`,
    );
    const headers = {
      'upload-length': String(bytes),
      'upload-metadata': words.join(','),
      ...more.headers,
    };
    const answer = await this.#ask('POST', '', headers, more.body);
    return { ...answer, uploadId: answer.headers.get('location')?.split('/').at(-1) ?? '' };
  }

  send(uploadId: string, offset: number, body: BodyInit): Promise<RawAnswer> {
    const headers = {
      'upload-offset': String(offset),
      'content-type': 'application/offset+octet-stream',
    };
    return this.#ask('PATCH', `/${uploadId}`, headers, body);
  }

  async offset(uploadId: string): Promise<number> {
    const { status, headers } = await this.#ask('HEAD', `/${uploadId}`);
    return status === 200 ? Number(headers.get('upload-offset')) : Number.NaN;
  }

  cancel(uploadId: string): Promise<RawAnswer> {
    return this.#ask('DELETE', `/${uploadId}`);
  }

  /** @returns where all of it is. */
  async upload(content: Uint8Array, about: { name?: string; fingerprint?: string } = {}) {
    const begun = await this.begin(content.length, about);
    if (begun.status !== 201) throw new Error(begun.message);
    const sent = await this.send(begun.uploadId, 0, new Uint8Array(content));
    if (sent.status !== 204) throw new Error(sent.message);
    return begun.uploadId;
  }

  async #ask(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: BodyInit,
  ): Promise<RawAnswer> {
    const response = await fetch(`${this.#url}${UPLOADS_PATH}${path}`, {
      method,
      headers: { ...this.#headers, ...headers },
      ...(body === undefined ? {} : { body, duplex: 'half' }),
    });
    const text = await response.text();
    const message = text.startsWith('{') ? String(JSON.parse(text).message) : text;
    return { status: response.status, headers: response.headers, message };
  }
}

/** Uploads an archive and makes a build of it. */
export async function publishBuild(
  browser: StudioBrowser,
  uploader: RawUploader,
  content: Uint8Array,
  about: { name?: string; fingerprint?: string; label?: string } = {},
): Promise<BuildListing> {
  const { label, ...metadata } = about;
  const uploadId = await uploader.upload(content, metadata);
  const finished = await browser.must<FinishedUpload>(
    'POST',
    '/studios/tidal-games/games/tide/builds',
    { uploadId, sha256: sha256Of(content), ...(label === undefined ? {} : { label }) },
  );
  if (finished.state !== 'accepted') throw new Error('it is still compared');
  return finished.build;
}
