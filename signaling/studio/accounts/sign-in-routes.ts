import type { Response, Router } from 'express';
import { emptySchema } from '../../../protocol/player-messages.ts';
import {
  lookAtCodeSchema,
  type SignedIn,
  signInWithPasskeySchema,
  signOutSchema,
  useCodeSchema,
} from '../../../protocol/studio-messages.ts';
import { mayFound, type Principal } from './access-policy.ts';
import type { Accounts } from './accounts.ts';
import type { Site } from './passkeys.ts';
import { clearSessionCookies, setSessionCookie } from './session-cookie.ts';
import type { NewSignIn } from './sign-ins.ts';
import type { StudioEdge } from './studio-edge.ts';

/** Coming in, going out, and who one is. */
export function addSignInRoutes(routes: Router, edge: StudioEdge, accounts: Accounts): void {
  const { authoriser, codes, passkeys, signIns } = accounts;

  /** Gives the browser its cookie, and tells the page who it is now. */
  const welcome = async (
    { secret }: NewSignIn,
    response: Response,
    { origin }: Site,
    address: string,
  ): Promise<SignedIn> => {
    setSessionCookie(response, origin, secret);
    const principal = await authoriser.authorise({
      sessionSecret: secret,
      bearer: undefined,
      address,
    });
    if (!principal) throw new Error('A person who has just come in is not known.');
    return describe(principal);
  };

  routes.get('/session', async (request, response) => {
    const principal = await edge.recognise(request);
    response
      .set('Cache-Control', 'no-store')
      .json(principal ? describe(principal) : { signedIn: false });
  });
  routes.post(
    '/sign-in/passkey/options',
    edge.open(emptySchema, ({ site }) => passkeys.signInOptions(site())),
  );
  routes.post(
    '/sign-in/passkey',
    edge.open(signInWithPasskeySchema, async ({ body, request, response, site }) => {
      const address = request.ip ?? '';
      const signIn = await passkeys.signIn(body.response, site(), address);
      return welcome(signIn, response, site(), address);
    }),
  );
  routes.post(
    '/sign-in/code/look',
    edge.open(lookAtCodeSchema, ({ body }) => codes.look(body.code)),
  );
  routes.post(
    '/sign-in/code',
    edge.open(useCodeSchema, async ({ body, request, response, site }) => {
      const address = request.ip ?? '';
      const principal = await edge.recognise(request);
      const signIn = await codes.use(body, principal, address);
      if (signIn) return welcome(signIn, response, site(), address);
      return describe(await edge.authorise(request));
    }),
  );
  routes.post(
    '/sign-out',
    edge.takes(signOutSchema, async ({ body, response }, principal) => {
      await signIns.end(principal, body.everywhere);
      clearSessionCookies(response);
    }),
  );
}

function describe(principal: Principal): SignedIn {
  return {
    signedIn: true,
    personId: principal.personId,
    name: principal.name,
    mayFound: mayFound(principal),
    studios: principal.studios.map(({ studio: { studioId, slug, name }, role }) => ({
      studioId,
      slug,
      name,
      role,
    })),
  };
}
