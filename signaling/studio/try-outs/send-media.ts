import type { Request, Response } from 'express';
import { sha256Schema } from '../../../protocol/content-digest.ts';
import { RockpoolError } from '../../../protocol/errors.ts';
import { mediaOf, type TryOutReport } from '../../../protocol/try-out-report.ts';
import { sendContent } from '../../send-content.ts';
import type { BlobStore } from '../blobs/blob-store.ts';

/**
 * Sends a picture or the clip that a report names, whole or in part (RFC 9110 §14): some browsers play
 * no video that comes in one piece alone.
 * @param cacheControl of the answer: the content of an address never changes, who may see it may.
 * @throws RockpoolError `not-found` where the report names no such thing, or it is gone.
 */
export async function sendMedia(
  report: TryOutReport | undefined,
  sha256: unknown,
  blobs: Pick<BlobStore, 'get'>,
  cacheControl: string,
  request: Request,
  response: Response,
): Promise<void> {
  const name = sha256Schema.safeParse(sha256);
  const media = report && mediaOf(report).find((one) => one.sha256 === name.data);
  if (!media) throw nothing();
  const { bytes, type } = media;
  const range = rangeOf(request, bytes);
  const content = await blobs.get(media.sha256, range);
  if (!content) throw nothing();
  response.set({
    'Accept-Ranges': 'bytes',
    'Cache-Control': cacheControl,
    'Content-Length': String(range?.bytes ?? bytes),
    'Content-Type': type,
    ETag: `"${media.sha256}"`,
  });
  if (range) {
    const last = range.from + range.bytes - 1;
    response.status(206).set('Content-Range', `bytes ${range.from}-${last}/${bytes}`);
  }
  await sendContent(content, response);
}

/** Undefined where all of it is wanted; several ranges at once are answered with everything. */
function rangeOf(request: Request, bytes: number) {
  const ranges = request.range(bytes, { combine: true });
  if (!Array.isArray(ranges) || ranges.type !== 'bytes' || ranges.length !== 1) return undefined;
  const [one] = ranges;
  return one && { from: one.start, bytes: one.end - one.start + 1 };
}

function nothing(): RockpoolError {
  return new RockpoolError('not-found', 'There is no such picture or clip.');
}
