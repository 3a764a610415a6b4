import { randomUUID } from 'node:crypto';
import { RockpoolError } from '../../../protocol/errors.ts';
import { ACCESS_TOKEN_PREFIX, ROLE_ACTIONS } from '../../../protocol/studio-access.ts';
import type { AccessTokenListing, CreateToken } from '../../../protocol/studio-messages.ts';
import type { StudioRecord, StudioStore } from '../../store/studio-store.ts';
import { demand, may, noSuchStudio, type Principal, roleIn } from './access-policy.ts';
import { actorOf, auditRecord, type Deed } from './audit-trail.ts';
import { digestOf, newSecret } from './one-way-secret.ts';
import type { AccountsOptions } from './sign-ins.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** More than anybody keeps apart. */
const MAX_TOKENS = 100;

/** Tokens of people, for programs that act for them in one studio. */
export class AccessTokens {
  readonly #store: StudioStore;
  readonly #wallClockMs: () => number;

  constructor({ store, wallClockMs }: AccountsOptions) {
    this.#store = store;
    this.#wallClockMs = wallClockMs;
  }

  /** One's own; of an owner, everybody's: theirs are ways into the studio, too. */
  async list(principal: Principal, { studioId }: StudioRecord): Promise<AccessTokenListing[]> {
    if (principal.proof.kind === 'token') throw noSuchStudio();
    const [tokens, members] = await Promise.all([
      this.#store.accessTokens(studioId),
      this.#store.members(studioId),
    ]);
    const names = new Map(members.map(({ person }) => [person.personId, person.name]));
    const seesAll = may(principal, studioId, 'tokens:revoke-any');
    return tokens
      .filter(({ personId }) => personId === principal.personId || seesAll)
      .map(({ tokenId, name, personId, scopes, createdAtMs, expiresAtMs, lastUsedAtMs }) => ({
        tokenId,
        name,
        person: names.get(personId) ?? 'Somebody who has left',
        mine: personId === principal.personId,
        scopes: [...scopes],
        createdAtMs,
        expiresAtMs: expiresAtMs ?? null,
        lastUsedAtMs: lastUsedAtMs ?? null,
      }));
  }

  /**
   * @returns the token; it is kept nowhere, and never told again.
   * @throws RockpoolError `forbidden`, also for a scope that its person's role does not have; `conflict`
   */
  async create(
    principal: Principal,
    { studioId }: StudioRecord,
    { name, scopes, lifetimeDays }: CreateToken,
  ): Promise<{ readonly tokenId: string; readonly token: string }> {
    demand(principal, studioId, 'tokens:create');
    const role = roleIn(principal, studioId) ?? 'viewer';
    const beyond = scopes.find((scope) => !ROLE_ACTIONS[role].has(scope));
    if (beyond) {
      throw new RockpoolError('forbidden', `As ${role} you may not make a token for ${beyond}.`);
    }
    const token = ACCESS_TOKEN_PREFIX + newSecret();
    const tokenId = randomUUID();
    const nowMs = this.#wallClockMs();
    const unique = [...new Set(scopes)];
    await this.#store.transact(async (records) => {
      await records.lockStudio(studioId);
      const own = (await records.accessTokens(studioId)).filter(
        ({ personId }) => personId === principal.personId,
      );
      if (own.length >= MAX_TOKENS) {
        throw new RockpoolError('conflict', `You have ${MAX_TOKENS} tokens. Revoke some first.`);
      }
      await records.addAccessToken({
        tokenId,
        tokenHash: digestOf(token),
        personId: principal.personId,
        studioId,
        name,
        scopes: unique,
        createdAtMs: nowMs,
        expiresAtMs: lifetimeDays === null ? undefined : nowMs + lifetimeDays * DAY_MS,
        lastUsedAtMs: undefined,
        revokedAtMs: undefined,
      });
      const deed: Deed = {
        action: 'token.created',
        studioId,
        target: name,
        detail: unique.join(', '),
      };
      await records.appendAudit(auditRecord(actorOf(principal), deed, nowMs));
    });
    return { tokenId, token };
  }

  /** @throws RockpoolError `not-found`, also for a token of others where one may not revoke those. */
  async revoke(principal: Principal, studio: StudioRecord, tokenId: string): Promise<void> {
    const { studioId } = studio;
    if (principal.proof.kind === 'token') throw noSuchStudio();
    await this.#store.transact(async (records) => {
      const token = (await records.accessTokens(studioId)).find((one) => one.tokenId === tokenId);
      const isTheirs =
        token?.personId === principal.personId || may(principal, studioId, 'tokens:revoke-any');
      const nowMs = this.#wallClockMs();
      if (!token || !isTheirs || !(await records.revokeAccessToken(tokenId, nowMs))) {
        throw new RockpoolError('not-found', 'There is no such token: it may be revoked already.');
      }
      const deed: Deed = { action: 'token.revoked', studioId, target: token.name };
      await records.appendAudit(auditRecord(actorOf(principal), deed, nowMs));
    });
  }
}
