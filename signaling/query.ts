import type { Request } from 'express';
import type { z } from 'zod';
import { parseMessage } from '../protocol/errors.ts';

/**
 * What an address asks for after its `?`; of a word that is there twice, the last. express itself reads
 * none: see `createHttpApp`.
 * @throws RockpoolError `bad-message`
 */
export function readQuery<T>(
  schema: z.ZodType<T>,
  { originalUrl }: Pick<Request, 'originalUrl'>,
): T {
  const { searchParams } = new URL(originalUrl, 'http://rockpool');
  return parseMessage(schema, Object.fromEntries(searchParams), 'the query');
}
