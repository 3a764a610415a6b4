import type { RequestHandler } from 'express';
import { RockpoolError } from '../protocol/errors.ts';

/** Most of what is asked takes no body, so nobody gets to send one. */
export const refuseBodies: RequestHandler = ({ headers }, response, next) => {
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) {
    next();
    return;
  }
  response.setHeader('Connection', 'close');
  throw new RockpoolError('message-too-large', 'This server takes no request bodies.');
};
