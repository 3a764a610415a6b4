import type { Request, RequestHandler } from 'express';
import type { Blob } from '../../../protocol/build-index.ts';
import { BLOBS_PATH } from '../../../protocol/build-order.ts';
import { sha256Schema } from '../../../protocol/content-digest.ts';
import { RockpoolError } from '../../../protocol/errors.ts';
import { tokenSchema } from '../../../protocol/ids.ts';
import { bearerOf } from '../../bearer-token.ts';
import { sendContent } from '../../send-content.ts';
import type { BlobDesk } from './blob-desk.ts';

export const BLOB_ROUTE = `${BLOBS_PATH}/:sha256`;

/**
 * Gives a container a blob, or the rest of one: what was fetched before a connection broke is not
 * fetched again.
 * @param limitRefused counts a request of an address that was refused; rejects where those are too many.
 */
export function sendBlob(
  desk: Pick<BlobDesk, 'admit' | 'blobs'>,
  limitRefused: (address: string) => Promise<void>,
): RequestHandler<{ sha256: string }> {
  return async (request, response) => {
    let blob: Blob;
    try {
      blob = await desk.admit(tokenOf(request), sha256Of(request));
    } catch (error) {
      await limitRefused(request.ip ?? '');
      throw error;
    }
    const from = rangeStart(request.headers.range, blob);
    response.set({
      'Cache-Control': 'no-store',
      'Content-Type': 'application/octet-stream',
      'Accept-Ranges': 'bytes',
    });
    if (from >= blob.bytes) {
      response.set('Content-Range', `bytes */${blob.bytes}`);
      const error = new RockpoolError('bad-message', `This part has ${blob.bytes} bytes.`);
      response.status(416).json(error.toWire());
      return;
    }
    const bytes = blob.bytes - from;
    const content = await desk.blobs.get(blob.sha256, { from, bytes });
    if (!content) {
      throw new RockpoolError('not-found', 'The store of blobs has lost a part of this build.');
    }
    response.set('Content-Length', String(bytes));
    if (from > 0) {
      response.status(206);
      response.set('Content-Range', `bytes ${from}-${blob.bytes - 1}/${blob.bytes}`);
    }
    await sendContent(content, response);
  };
}

function tokenOf({ headers }: Request<{ sha256: string }>): string {
  const token = tokenSchema.safeParse(bearerOf(headers));
  if (token.success) return token.data;
  throw new RockpoolError('unauthorised', 'This needs the token that came with the build.');
}

function sha256Of({ params }: Request<{ sha256: string }>): string {
  const sha256 = sha256Schema.safeParse(params.sha256);
  if (sha256.success) return sha256.data;
  throw new RockpoolError('bad-message', 'This names no part of a build.');
}

/** Whatever else is asked for is answered with all of it (RFC 9110 §14.2). */
function rangeStart(range: string | undefined, { bytes }: Blob): number {
  const [, from] = /^bytes=(\d{1,15})-$/.exec(range ?? '') ?? [];
  return from === undefined ? 0 : Math.min(Number(from), bytes);
}
