import type { Request, Response } from 'express';
import type { z } from 'zod';
import { parseMessage, RockpoolError } from '../protocol/errors.ts';

/**
 * The JSON that a request brings, parsed. Whoever sends too much is answered and hung up on, without
 * the rest being waited for.
 * @param maxBytes of the body, before it is anything else.
 * @throws RockpoolError `bad-message`, `message-too-large`
 */
export async function readJsonBody<T>(
  schema: z.ZodType<T>,
  request: Request,
  response: Response,
  maxBytes: number,
): Promise<T> {
  if (!request.is('application/json')) throw notJson();
  let text: string;
  try {
    text = await readText(request, maxBytes);
  } catch (error) {
    response.setHeader('Connection', 'close');
    throw error;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw notJson(cause);
  }
  return parseMessage(schema, value, 'the request');
}

function readText(request: Request, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const tooLarge = () => {
      request.pause();
      reject(
        new RockpoolError('message-too-large', `This takes ${maxBytes / 1024} kB of JSON at most.`),
      );
    };
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
      tooLarge();
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) tooLarge();
      else chunks.push(chunk);
    });
    request.once('end', () => resolve(Buffer.concat(chunks).toString()));
    request.once('error', (cause) =>
      reject(new RockpoolError('bad-message', 'The request broke off.', { cause })),
    );
  });
}

function notJson(cause?: unknown): RockpoolError {
  return new RockpoolError('bad-message', 'This takes a body of JSON.', { cause });
}
