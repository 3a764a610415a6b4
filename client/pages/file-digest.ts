import { RockpoolError } from '../../protocol/errors.ts';
import type { DigestAnswer } from './digest-worker.ts';

/** What takes digests, one file at a time each. */
export type StartDigest = (content: Blob, signal: AbortSignal) => Promise<string>;

/**
 * SHA-256 of a file, in hexadecimal, taken beside the page.
 * @throws RockpoolError where the file cannot be read any more.
 */
export const startDigest: StartDigest = (content, signal) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./digest-worker.ts', import.meta.url), { type: 'module' });
    const end = () => worker.terminate();
    signal.addEventListener('abort', end, { once: true });
    worker.onmessage = ({ data }: MessageEvent<DigestAnswer>) => {
      end();
      if ('sha256' in data) resolve(data.sha256);
      else reject(unreadable(data.problem));
    };
    worker.onerror = ({ message }) => {
      end();
      reject(unreadable(message));
    };
    worker.postMessage(content);
  });

function unreadable(cause: string): RockpoolError {
  return new RockpoolError(
    'bad-archive',
    'The file cannot be read any more: it was changed or moved. Choose it again.',
    { cause },
  );
}
