import type { Router } from 'express';
import { emptySchema } from '../../../protocol/player-messages.ts';
import {
  addPasskeySchema,
  removePasskeySchema,
  renameSchema,
} from '../../../protocol/studio-messages.ts';
import type { Accounts } from './accounts.ts';
import { auditQueryOf } from './audit-query.ts';
import type { StudioEdge } from './studio-edge.ts';
import { studioLink } from './studio-link.ts';

/** One's own account: passkeys, and what was done to it. */
export function addAccountRoutes(
  routes: Router,
  edge: StudioEdge,
  { passkeys, log }: Accounts,
): void {
  routes.get(
    '/passkeys',
    edge.asks(async (_asked, principal) => ({ passkeys: await passkeys.list(principal) })),
  );
  routes.post(
    '/passkeys/options',
    edge.takes(emptySchema, ({ site }, principal) =>
      passkeys.registrationOptions(principal, site()),
    ),
  );
  routes.post(
    '/passkeys',
    edge.takes(addPasskeySchema, ({ body, site }, principal) =>
      passkeys.register(principal, body.name, body.response, site()),
    ),
  );
  routes.patch(
    '/passkeys/:id',
    edge.takes(renameSchema, ({ body, request }, principal) =>
      passkeys.rename(principal, String(request.params.id), body.name),
    ),
  );
  routes.post(
    '/passkeys/:id/remove',
    edge.takes(removePasskeySchema, async ({ body, request, site }, principal) => {
      const id = String(request.params.id);
      const issued = await passkeys.remove(principal, id, body.evenLast);
      return { signInLink: issued ? studioLink(site().origin, issued.code) : null };
    }),
  );
  routes.get(
    '/audit',
    edge.asks(({ request }, principal) => log.ofAccount(principal, auditQueryOf(request))),
  );
}
