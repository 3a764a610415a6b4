import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

/** Sends the body of an answer. Whoever hangs up wants no more of it, which is no failure. */
export async function sendContent(
  content: AsyncIterable<Uint8Array>,
  response: Response,
): Promise<void> {
  try {
    await pipeline(content, response);
  } catch (error) {
    if (!isHangUp(error)) throw error;
  }
}

function isHangUp(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
