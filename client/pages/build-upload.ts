import { type ReadonlySignal, signal } from '@preact/signals';
import { type DetailedError, Upload } from 'tus-js-client';
import { RockpoolError, toRockpoolError, wireErrorSchema } from '../../protocol/errors.ts';
import type { BuildListing } from '../../protocol/studio-builds.ts';
import {
  type FinishedUpload,
  mayWorkLater,
  UPLOAD_PART_BYTES,
  UPLOADS_PATH,
} from '../../protocol/studio-uploads.ts';
import type { ChosenArchive } from './chosen-archive.ts';
import type { StartDigest } from './file-digest.ts';
import type { StudioRequests } from './studio-requests.ts';
import { TransferSpeed } from './transfer-speed.ts';

/** So long an archive's digest is waited for before anything is sent: it may be known already. */
const DIGEST_FIRST_MS = 3_000;

const ASK_AGAIN_MS = 2_000;

/** After a lost connection it is tried again, at first soon, then for a night. */
const RETRY_DELAYS_MS = [0, 1000, 3000, 5000, ...Array.from({ length: 5000 }, () => 10_000)];

export type UploadState =
  | { readonly name: 'reading' }
  | {
      readonly name: 'sending';
      readonly sentBytes: number;
      readonly bytesPerSecond: number | undefined;
    }
  | { readonly name: 'paused'; readonly sentBytes: number }
  /** The server is not reached, and is tried again. */
  | { readonly name: 'interrupted'; readonly sentBytes: number }
  /** All of it is there, and compared with what was sent. */
  | { readonly name: 'comparing' }
  | { readonly name: 'done'; readonly build: BuildListing; readonly again: boolean }
  | { readonly name: 'failed'; readonly message: string }
  | { readonly name: 'cancelled' };

export interface BuildUploadOptions {
  readonly requests: Pick<StudioRequests, 'uploads' | 'recognise' | 'finishUpload'>;
  readonly slug: string;
  readonly gameId: string;
  readonly archive: ChosenArchive;
  readonly startDigest: StartDigest;
  /** Such as `https://play.example.org`. */
  readonly origin: string;
  readonly nowMs: () => number;
}

/** One archive on its way to become a build. */
export class BuildUpload {
  readonly name: string;
  readonly bytes: number;
  readonly #options: BuildUploadOptions;
  readonly #state = signal<UploadState>({ name: 'reading' });
  readonly #abort = new AbortController();
  readonly #speed = new TransferSpeed();
  readonly #digest: Promise<string>;
  #upload: Upload | undefined;
  #sentBytes = 0;

  constructor(options: BuildUploadOptions) {
    const { archive, startDigest } = options;
    this.#options = options;
    this.name = archive.name;
    this.bytes = archive.content.size;
    this.#digest = startDigest(archive.content, this.#abort.signal);
    // Told where it is waited for.
    this.#digest.catch(() => undefined);
  }

  get state(): ReadonlySignal<UploadState> {
    return this.#state;
  }

  /** Whether something is lost where the page is left now. */
  get isUnderWay(): boolean {
    return ['reading', 'sending', 'interrupted', 'comparing'].includes(this.#state.value.name);
  }

  /** Resolves when it is a build, failed or was cancelled. Failures become state, never a throw. */
  async start(): Promise<void> {
    try {
      if (await this.#isKnown(await this.#digestSoon())) return;
      const { slug, gameId, archive } = this.#options;
      const open = await this.#options.requests.uploads(slug, gameId);
      const same = open.find(
        ({ fingerprint, bytes }) => fingerprint === archive.fingerprint && bytes === this.bytes,
      );
      if (this.#isOver) return;
      // Whichever is first: a digest that is known, or the last byte.
      const known = this.#digest.then((digest) => this.#isKnown(digest).catch(() => false));
      const url = await Promise.race([
        this.#send(same?.uploadId),
        known.then((isKnown) => (isKnown ? undefined : new Promise<never>(() => {}))),
      ]);
      if (url !== undefined) await this.#finish(url);
    } catch (thrown) {
      if (!this.#isOver) this.#fail(toRockpoolError(thrown).message);
    }
  }

  pause(): void {
    const { name } = this.#state.peek();
    if (name !== 'sending' && name !== 'interrupted') return;
    void this.#upload?.abort();
    this.#state.value = { name: 'paused', sentBytes: this.#sentBytes };
  }

  resume(): void {
    if (this.#state.peek().name !== 'paused') return;
    this.#speed.reset();
    this.#showSent(this.#sentBytes);
    this.#upload?.start();
  }

  /** Also what has arrived is forgotten. */
  cancel(): void {
    if (this.#isOver) return;
    this.#state.value = { name: 'cancelled' };
    this.#stop(true);
  }

  get #isOver(): boolean {
    return ['done', 'failed', 'cancelled'].includes(this.#state.peek().name);
  }

  #fail(message: string): void {
    this.#state.value = { name: 'failed', message };
    this.#stop(false);
  }

  #stop(forget: boolean): void {
    this.#abort.abort();
    // What is not forgotten now, because the server is away, expires there.
    this.#upload?.abort(forget).catch(() => undefined);
  }

  async #digestSoon(): Promise<string | undefined> {
    let timer = 0;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), DIGEST_FIRST_MS) as unknown as number;
    });
    try {
      return await Promise.race([this.#digest, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #isKnown(sha256: string | undefined): Promise<boolean> {
    if (sha256 === undefined) return false;
    const { requests, slug, gameId } = this.#options;
    const build = await requests.recognise(slug, gameId, sha256);
    if (!build || this.#isOver) return false;
    this.#state.value = { name: 'done', build, again: true };
    this.#stop(true);
    return true;
  }

  /** @returns where it is when all of it is there. */
  #send(uploadId: string | undefined): Promise<string> {
    const { slug, gameId, archive, origin } = this.#options;
    const endpoint = `${origin}${UPLOADS_PATH}`;
    const { name, fingerprint } = archive;
    return new Promise((resolve, reject) => {
      const upload = new Upload(archive.content, {
        // Where it is gone, it is not begun anew in silence.
        ...(uploadId === undefined ? { endpoint } : { uploadUrl: `${endpoint}/${uploadId}` }),
        metadata: { studio: slug, game: gameId, name, fingerprint },
        chunkSize: UPLOAD_PART_BYTES,
        retryDelays: RETRY_DELAYS_MS,
        storeFingerprintForResuming: false,
        onShouldRetry: (error) => {
          const mayRetry = mayWorkLater(error.originalRequest.getMethod(), statusOf(error));
          if (mayRetry) {
            this.#state.value = { name: 'interrupted', sentBytes: this.#sentBytes };
            this.#speed.reset();
          }
          return mayRetry;
        },
        onUploadUrlAvailable: () => {
          upload.options.endpoint = null;
        },
        onProgress: (sentBytes) => this.#showSent(sentBytes),
        onSuccess: () => resolve(upload.url ?? ''),
        onError: (error) => reject(errorOf(error)),
      });
      this.#upload = upload;
      this.#showSent(0);
      upload.start();
    });
  }

  #showSent(sentBytes: number): void {
    if (this.#isOver) return;
    this.#sentBytes = sentBytes;
    this.#speed.add(this.#options.nowMs(), sentBytes);
    const { bytesPerSecond } = this.#speed;
    this.#state.value = { name: 'sending', sentBytes, bytesPerSecond };
  }

  /** A server that is away is asked again: all it needs is there. */
  async #afterAWhile(thrown: unknown): Promise<FinishedUpload> {
    if (toRockpoolError(thrown).code !== 'timeout') throw thrown;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    return { state: 'comparing' };
  }

  async #finish(url: string): Promise<void> {
    const { requests, slug, gameId } = this.#options;
    this.#state.value = { name: 'comparing' };
    const uploadId = url.split('/').at(-1) ?? '';
    const sha256 = await this.#digest;
    for (;;) {
      const answer = await requests
        .finishUpload(slug, gameId, { uploadId, sha256 })
        .catch((thrown: unknown) => this.#afterAWhile(thrown));
      if (this.#isOver) return;
      if (answer.state === 'comparing') continue;
      this.#state.value = { name: 'done', build: answer.build, again: answer.again };
      return;
    }
  }
}

function statusOf(error: unknown): number {
  const { originalResponse } = error as Partial<DetailedError>;
  return originalResponse?.getStatus() ?? 0;
}

function errorOf(error: unknown): RockpoolError {
  const { originalResponse } = error as Partial<DetailedError>;
  try {
    const body: unknown = JSON.parse(originalResponse?.getBody() ?? '');
    const { code, message } = wireErrorSchema.parse(body);
    return new RockpoolError(code, message, { cause: error });
  } catch {
    // A request whose answer has no body: the next one says it.
    return statusOf(error) === 404
      ? new RockpoolError(
          'not-found',
          'The upload is gone: it was cancelled, or nothing came for a day. Choose the file again.',
          { cause: error },
        )
      : new RockpoolError('timeout', 'The upload broke off. Choose the same file again to go on.', {
          cause: error,
        });
  }
}
