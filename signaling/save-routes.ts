import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Request, RequestHandler } from 'express';
import { contentDigest, readContentDigest } from '../protocol/content-digest.ts';
import { RockpoolError } from '../protocol/errors.ts';
import { gameIdSchema, playerIdSchema, type SessionId, tokenSchema } from '../protocol/ids.ts';
import { keptSaveSchema, MAX_SAVE_BYTES, type SaveOwner } from '../protocol/save-order.ts';
import { bearerOf } from './bearer-token.ts';
import type { SaveClaims } from './identity-tokens.ts';
import type { SaveDesk } from './save-desk.ts';
import type { SaveVault } from './save-vault.ts';
import { sendContent } from './send-content.ts';

/** As in `savePath` of protocol/save-order.ts. */
export const SAVE_ROUTE = '/api/saves/:playerId/:gameId';

type SaveRequest = Request<{ playerId: string; gameId: string }>;
type SaveHandler = RequestHandler<{ playerId: string; gameId: string }>;

export interface SaveRouteOptions {
  readonly desk: SaveDesk;
  readonly vault: SaveVault;
}

/** Gives a container the newest save. */
export function sendSave({ desk, vault }: SaveRouteOptions): SaveHandler {
  return async (request, response, next) => {
    const claims = await admit(desk, request);
    const stored = await vault.read(claims);
    if (!stored) {
      next();
      return;
    }
    const { kept, content } = stored;
    response.set({
      'Cache-Control': 'no-store',
      'Content-Type': 'application/octet-stream',
      'Content-Length': String(kept.bytes),
      'Content-Digest': contentDigest(kept.sha256),
    });
    await sendContent(content, response);
  };
}

/** Takes a save from a container; the last upload of a session ends one that is still under way. */
export function receiveSave({ desk, vault }: SaveRouteOptions): SaveHandler {
  const receiving = new Map<SessionId, IncomingMessage>();
  return async (request, response) => {
    // Whoever is refused may go on sending for long.
    response.set('Connection', 'close');
    const claims = await admit(desk, request);
    const save = announcedSave(request.headers, claims);
    receiving.get(claims.sessionId)?.destroy();
    receiving.set(claims.sessionId, request);
    try {
      if (!(await vault.write(claims, save, bodyOf(request)))) {
        const overtaken = new RockpoolError(
          'bad-message',
          'A later session of this player and game has left its save.',
        );
        response.status(409).json(overtaken.toWire());
        return;
      }
    } finally {
      if (receiving.get(claims.sessionId) === request) receiving.delete(claims.sessionId);
    }
    response.removeHeader('Connection');
    response.set('Cache-Control', 'no-store').status(204).end();
  };
}

/** @throws RockpoolError `unauthorised` */
async function admit(desk: SaveDesk, { params, headers }: SaveRequest): Promise<SaveClaims> {
  const playerId = playerIdSchema.safeParse(params.playerId);
  const gameId = gameIdSchema.safeParse(params.gameId);
  if (!playerId.success || !gameId.success) {
    throw new RockpoolError('bad-message', 'This names no player and game.');
  }
  const owner: SaveOwner = { playerId: playerId.data, gameId: gameId.data };
  const token = tokenSchema.safeParse(bearerOf(headers));
  if (token.success) return desk.admit(token.data, owner);
  throw new RockpoolError('unauthorised', 'This needs the token that came with the session.');
}

/** @throws RockpoolError `bad-message`, `message-too-large` */
function announcedSave(headers: IncomingHttpHeaders, { turn }: SaveClaims) {
  const bytes = Number(headers['content-length']);
  if (bytes > MAX_SAVE_BYTES) {
    throw new RockpoolError('message-too-large', `A save has at most ${MAX_SAVE_BYTES} bytes.`);
  }
  const digest = headers['content-digest'];
  const sha256 = readContentDigest(typeof digest === 'string' ? digest : undefined);
  const save = keptSaveSchema.safeParse({ sha256, bytes, turn });
  if (save.success) return save.data;
  throw new RockpoolError(
    'bad-message',
    'A save comes with its Content-Length and with a SHA-256 as Content-Digest.',
  );
}

async function* bodyOf(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* request;
  } catch (cause) {
    throw new RockpoolError('bad-message', 'The upload broke off.', { cause });
  }
}
