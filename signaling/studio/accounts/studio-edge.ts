import type { Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import { RockpoolError } from '../../../protocol/errors.ts';
import { bearerOf } from '../../bearer-token.ts';
import { isAllowedOrigin } from '../../handshake.ts';
import { readJsonBody } from '../../json-body.ts';
import type { RateLimits } from '../../rate-limits.ts';
import { refuseBodies } from '../../refuse-bodies.ts';
import type { Principal } from './access-policy.ts';
import type { Accounts } from './accounts.ts';
import type { Site } from './passkeys.ts';
import { readSessionCookie } from './session-cookie.ts';

/** The largest is a passkey's attestation, a few kilobytes. */
const MAX_BODY_BYTES = 64 * 1024;

/** Methods that change nothing, so that nobody gains by having a browser send them. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface StudioEdgeOptions {
  readonly accounts: Accounts;
  readonly limits: RateLimits;
  /** Origin under which people reach the pages, where it is configured. */
  readonly publicUrl: string | undefined;
}

/** One request to a route. */
export interface Asked<B> {
  readonly body: B;
  readonly request: Request;
  readonly response: Response;
  /** Where the browser is. @throws RockpoolError `forbidden-origin` */
  readonly site: () => Site;
}

type Answer<B> = (asked: Asked<B>, principal: Principal) => Promise<unknown>;
type OpenAnswer<B> = (asked: Asked<B>) => Promise<unknown>;

/** The way into the routes of studios: who asks, from which page, and what. */
export class StudioEdge {
  readonly #accounts: Accounts;
  readonly #limits: RateLimits;
  readonly #publicUrl: string | undefined;

  constructor({ accounts, limits, publicUrl }: StudioEdgeOptions) {
    this.#accounts = accounts;
    this.#limits = limits;
    this.#publicUrl = publicUrl;
  }

  /**
   * Who a request is from, for any route: by its access token, or by its cookie where it comes from a
   * page of ours.
   * @throws RockpoolError `unauthorised`, `forbidden-origin`
   */
  async authorise(request: Request): Promise<Principal> {
    const bearer = bearerOf(request.headers);
    if (bearer === undefined) this.#mustBeOurs(request);
    const principal = await this.recognise(request);
    if (principal) return principal;
    throw new RockpoolError(
      'unauthorised',
      bearer === undefined
        ? 'Sign in to the studio first.'
        : 'This access token is not known: it may be revoked or expired. Make a new one in the studio.',
    );
  }

  /** Who a request is from; undefined where it does not say, or nobody is known by that any more. */
  recognise(request: Request): Promise<Principal | undefined> {
    return this.#accounts.authoriser.authorise({
      bearer: bearerOf(request.headers),
      sessionSecret: readSessionCookie(request),
      address: request.ip ?? '',
    });
  }

  /** A step towards signing in: for anybody, from a page of ours, and not too often. */
  open<B>(schema: z.ZodType<B>, answer: OpenAnswer<B>): RequestHandler {
    return async (request, response) => {
      await this.#limits.signIn(request.ip ?? '');
      this.#mustBeOurs(request);
      const body = await readJsonBody(schema, request, response, MAX_BODY_BYTES);
      await this.#answer(request, response, (asked) => answer({ ...asked, body }));
    };
  }

  /** For who is signed in or has a token. */
  takes<B>(
    schema: z.ZodType<B>,
    answer: Answer<B>,
    maxBytes: number = MAX_BODY_BYTES,
  ): RequestHandler {
    return async (request, response) => {
      const principal = await this.authorise(request);
      const body = await readJsonBody(schema, request, response, maxBytes);
      await this.#answer(request, response, (asked) => answer({ ...asked, body }, principal));
    };
  }

  /** The same, without a body. */
  asks(answer: Answer<undefined>): RequestHandler[] {
    return [
      refuseBodies,
      async (request, response) => {
        const principal = await this.authorise(request);
        await this.#answer(request, response, (asked) => answer(asked, principal));
      },
    ];
  }

  async #answer(
    request: Request,
    response: Response,
    answer: (asked: Asked<undefined>) => Promise<unknown>,
  ): Promise<void> {
    const site = () => this.#siteOf(request);
    const value = await answer({ body: undefined, request, response, site });
    response.set('Cache-Control', 'no-store').json(value ?? {});
  }

  /**
   * A browser says with every change where its page is from (Fetch §3.2, Fetch Metadata §2); other
   * sites may make it send our cookie, and cannot make it lie about that.
   */
  #mustBeOurs(request: Request): void {
    if (SAFE_METHODS.has(request.method)) return;
    const from = request.headers['sec-fetch-site'];
    if (from === undefined || from === 'same-origin') {
      this.#siteOf(request);
      return;
    }
    throw foreign();
  }

  #siteOf({ headers }: Request): Site {
    const { origin } = headers;
    const allowed = this.#publicUrl === undefined ? [] : [this.#publicUrl];
    if (origin === undefined || !isAllowedOrigin({ headers }, allowed)) throw foreign();
    return { origin, rpId: new URL(origin).hostname };
  }
}

function foreign(): RockpoolError {
  return new RockpoolError(
    'forbidden-origin',
    'Only pages of this server may do this. Behind a proxy that changes the host, ROCKPOOL_PUBLIC_URL says which they are.',
  );
}
