import type { RequestHandler } from 'express';
import { tokenSchema } from '../protocol/ids.ts';
import type { SessionGuests } from './session-guests.ts';

/** Serves `GET /api/invites/TOKEN`: what a link leads to, before anybody follows it. */
export function serveInvites(
  guests: Pick<SessionGuests, 'look'>,
): RequestHandler<{ token: string }> {
  return async (request, response) => {
    const token = tokenSchema.safeParse(request.params.token);
    response.set('Cache-Control', 'no-store').json(await guests.look(token.data ?? ''));
  };
}
