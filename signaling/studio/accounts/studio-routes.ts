import { type Request, Router } from 'express';
import { z } from 'zod';
import { parseMessage, RockpoolError } from '../../../protocol/errors.ts';
import { emptySchema } from '../../../protocol/player-messages.ts';
import { type PersonId, personIdSchema } from '../../../protocol/studio-access.ts';
import {
  changeRoleSchema,
  createStudioSchema,
  createTokenSchema,
  inviteSchema,
  renameSchema,
  type StudioMembership,
} from '../../../protocol/studio-messages.ts';
import type { StudioRecord } from '../../store/studio-store.ts';
import type { Principal } from './access-policy.ts';
import { addAccountRoutes } from './account-routes.ts';
import type { Accounts } from './accounts.ts';
import { auditQueryOf } from './audit-query.ts';
import { addSignInRoutes } from './sign-in-routes.ts';
import type { StudioEdge } from './studio-edge.ts';
import { studioLink } from './studio-link.ts';

/** Everything about accounts below `/api/studio`. */
export function accountRoutes(
  edge: StudioEdge,
  accounts: Accounts,
  wallClockMs: () => number,
): Router {
  const routes = Router();
  addSignInRoutes(routes, edge, accounts);
  addAccountRoutes(routes, edge, accounts);
  addStudioRoutes(routes, edge, accounts, wallClockMs);
  return routes;
}

/** Studios: who is in them, their tokens, and what was done. */
function addStudioRoutes(
  routes: Router,
  edge: StudioEdge,
  { studios, tokens, log }: Accounts,
  wallClockMs: () => number,
): void {
  const studioOf = (principal: Principal, { params }: Request): StudioRecord =>
    studios.find(principal, String(params.slug));
  const personOf = ({ params }: Request): PersonId => {
    const personId = personIdSchema.safeParse(params.personId);
    if (personId.success) return personId.data;
    throw new RockpoolError('bad-message', 'This names nobody.');
  };

  routes.post(
    '/studios',
    edge.takes(createStudioSchema, async ({ body }, principal): Promise<StudioMembership> => {
      const { studioId, slug, name } = await studios.create(principal, body.name);
      return { studioId, slug, name, role: 'owner' };
    }),
  );
  const STUDIO = '/studios/:slug';
  routes.get(
    STUDIO,
    edge.asks(({ request }, principal) => studios.report(principal, studioOf(principal, request))),
  );
  routes.patch(
    STUDIO,
    edge.takes(renameSchema, ({ body, request }, principal) =>
      studios.rename(principal, studioOf(principal, request), body.name),
    ),
  );
  routes.post(
    `${STUDIO}/invitations`,
    edge.takes(inviteSchema, async ({ body, request, site }, principal) => {
      const studio = studioOf(principal, request);
      const { code, expiresAtMs } = await studios.invite(principal, studio, body.role);
      return { link: studioLink(site().origin, code), expiresAtMs };
    }),
  );
  routes.delete(
    `${STUDIO}/invitations/:invitationId`,
    edge.asks(({ request }, principal) =>
      studios.withdraw(
        principal,
        studioOf(principal, request),
        parseMessage(z.uuid(), request.params.invitationId, 'the invitation'),
      ),
    ),
  );
  routes.put(
    `${STUDIO}/members/:personId`,
    edge.takes(changeRoleSchema, ({ body, request }, principal) =>
      studios.changeRole(principal, studioOf(principal, request), personOf(request), body.role),
    ),
  );
  routes.delete(
    `${STUDIO}/members/:personId`,
    edge.asks(({ request }, principal) =>
      studios.remove(principal, studioOf(principal, request), personOf(request)),
    ),
  );
  routes.post(
    `${STUDIO}/members/:personId/restore`,
    edge.takes(emptySchema, ({ request }, principal) =>
      studios.restore(principal, studioOf(principal, request), personOf(request)),
    ),
  );
  routes.get(
    `${STUDIO}/tokens`,
    edge.asks(async ({ request }, principal) => ({
      tokens: await tokens.list(principal, studioOf(principal, request)),
      nowMs: wallClockMs(),
    })),
  );
  routes.post(
    `${STUDIO}/tokens`,
    edge.takes(createTokenSchema, ({ body, request }, principal) =>
      tokens.create(principal, studioOf(principal, request), body),
    ),
  );
  routes.delete(
    `${STUDIO}/tokens/:tokenId`,
    edge.asks(({ request }, principal) =>
      tokens.revoke(
        principal,
        studioOf(principal, request),
        parseMessage(z.uuid(), request.params.tokenId, 'the token'),
      ),
    ),
  );
  routes.get(
    `${STUDIO}/audit`,
    edge.asks(({ request }, principal) =>
      log.ofStudio(principal, studioOf(principal, request), auditQueryOf(request)),
    ),
  );
}
