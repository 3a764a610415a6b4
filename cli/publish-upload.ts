import { type DetailedError, Upload, type UploadOptions } from 'tus-js-client';
import { RockpoolError, wireErrorSchema } from '../protocol/errors.ts';
import { mayWorkLater, UPLOAD_PART_BYTES, UPLOADS_PATH } from '../protocol/studio-uploads.ts';
import type { ArchiveSource } from './archive-source.ts';
import type { StudioClient } from './studio-client.ts';

/** A server that starts anew is back in seconds, a network in minutes. */
const RETRY_DELAYS_MS = [500, 1000, 3000, 5000, ...Array.from({ length: 60 }, () => 10_000)];

export interface SendOptions {
  readonly source: ArchiveSource;
  readonly client: StudioClient;
  readonly fingerprint: string;
  /** One that has begun, to go on with. */
  readonly uploadId: string | undefined;
  readonly onProgress: (sentBytes: number) => void;
}

/**
 * Sends an archive, however often the connection is lost.
 * @returns the id of the upload, all of which is there.
 * @throws RockpoolError what was answered, or that nothing was for minutes.
 */
export function sendArchive(options: SendOptions): Promise<string> {
  const { source, client, fingerprint, uploadId, onProgress } = options;
  const endpoint = `${client.url}${UPLOADS_PATH}`;
  return new Promise((resolve, reject) => {
    const upload = new Upload(Buffer.alloc(0), {
      ...(uploadId === undefined ? { endpoint } : { uploadUrl: `${endpoint}/${uploadId}` }),
      metadata: { studio: client.slug, game: client.gameId, name: source.name, fingerprint },
      headers: { Authorization: `Bearer ${client.token}` },
      fileReader: { openFile: async () => fileOf(source) },
      fingerprint: async () => fingerprint,
      chunkSize: UPLOAD_PART_BYTES,
      retryDelays: RETRY_DELAYS_MS,
      storeFingerprintForResuming: false,
      onShouldRetry: (error) => mayWorkLater(error.originalRequest.getMethod(), statusOf(error)),
      // Where it is gone later, it is not begun anew in silence.
      onUploadUrlAvailable: () => {
        upload.options.endpoint = null;
      },
      onProgress,
      onSuccess: () => resolve(upload.url?.split('/').at(-1) ?? ''),
      onError: (error) => reject(errorOf(error, client.url)),
    });
    upload.start();
  });
}

type OpenFile = NonNullable<UploadOptions['fileReader']>['openFile'];

function fileOf(source: ArchiveSource): Awaited<ReturnType<OpenFile>> {
  return {
    size: source.bytes,
    slice: async (start, end) => {
      const last = Math.min(end, source.bytes);
      // It looks for the length here, as a Blob has it.
      const value = Object.assign(source.read(start, last), { size: last - start });
      return { value, done: last >= source.bytes };
    },
    close: () => undefined,
  };
}

function statusOf(error: unknown): number {
  return (error as Partial<DetailedError>).originalResponse?.getStatus() ?? 0;
}

function errorOf(error: unknown, url: string): RockpoolError {
  const body = (error as Partial<DetailedError>).originalResponse?.getBody() ?? '';
  try {
    const { code, message } = wireErrorSchema.parse(JSON.parse(body));
    return new RockpoolError(code, message, { cause: error });
  } catch {
    const status = statusOf(error);
    const what = status === 0 ? 'Rockpool does not answer' : `Rockpool answered ${status}`;
    return new RockpoolError(
      'timeout',
      `${what} at ${url}. Run the same command again to go on where it broke off.`,
      { cause: error },
    );
  }
}
