import { ACCESS_TOKEN_PREFIX } from '../../../protocol/studio-access.ts';
import type { StudioStore } from '../../store/studio-store.ts';
import type { Principal, Proof } from './access-policy.ts';
import { digestOf } from './one-way-secret.ts';
import type { AccountsOptions } from './sign-ins.ts';

/** "Last used" is told in minutes; writing it at each request would cost one write each. */
const TOUCH_EVERY_MS = 60_000;

/** What a request brings to say whose it is. */
export interface Credentials {
  /** Of a cookie. */
  readonly sessionSecret: string | undefined;
  /** Of an `Authorization: Bearer` header: where there is one, it alone counts. */
  readonly bearer: string | undefined;
  /** Where the request came from. */
  readonly address: string;
}

/** Finds out who a request is from. Nothing is remembered between requests, so what ends, ends at once. */
export class Authoriser {
  readonly #store: StudioStore;
  readonly #wallClockMs: () => number;

  constructor({ store, wallClockMs }: AccountsOptions) {
    this.#store = store;
    this.#wallClockMs = wallClockMs;
  }

  /** Undefined where the credentials are unknown, revoked or expired, or there are none. */
  async authorise(credentials: Credentials): Promise<Principal | undefined> {
    const { sessionSecret, bearer } = credentials;
    if (bearer !== undefined) return this.#byToken(bearer, credentials);
    if (sessionSecret !== undefined) return this.#bySession(sessionSecret, credentials);
    return undefined;
  }

  async #bySession(secret: string, from: Credentials): Promise<Principal | undefined> {
    const secretHash = digestOf(secret);
    const signIn = await this.#store.signIn(secretHash);
    if (!signIn || signIn.expiresAtMs <= this.#wallClockMs()) return undefined;
    return this.#principal(signIn, { kind: 'session', secretHash }, from);
  }

  async #byToken(bearer: string, from: Credentials): Promise<Principal | undefined> {
    if (!bearer.startsWith(ACCESS_TOKEN_PREFIX)) return undefined;
    const nowMs = this.#wallClockMs();
    const token = await this.#store.accessToken(digestOf(bearer));
    if (!token || token.revokedAtMs !== undefined) return undefined;
    if (token.expiresAtMs !== undefined && token.expiresAtMs <= nowMs) return undefined;
    const { tokenId, studioId, scopes, lastUsedAtMs } = token;
    const principal = await this.#principal(
      token,
      { kind: 'token', tokenId, studioId, scopes },
      from,
    );
    if (lastUsedAtMs === undefined || nowMs - lastUsedAtMs >= TOUCH_EVERY_MS) {
      await this.#store.transact((records) => records.touchAccessToken(tokenId, nowMs));
    }
    return principal;
  }

  async #principal(
    { personId }: Pick<Principal, 'personId'>,
    proof: Proof,
    { address }: Credentials,
  ): Promise<Principal | undefined> {
    const [person, studios] = await Promise.all([
      this.#store.person(personId),
      this.#store.studiosOf(personId),
    ]);
    if (!person) return undefined;
    const { name, founder } = person;
    // A token that is found tells nothing of the other studios of its person.
    const shown =
      proof.kind === 'session'
        ? studios
        : studios.filter(({ studio }) => studio.studioId === proof.studioId);
    return { personId, name, founder, proof, studios: shown, address };
  }
}
