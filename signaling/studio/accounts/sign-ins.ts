import type { PersonId } from '../../../protocol/studio-access.ts';
import type { PersonRecord, StudioRecords, StudioStore } from '../../store/studio-store.ts';
import type { Principal } from './access-policy.ts';
import { type Actor, actorOf, auditRecord } from './audit-trail.ts';
import { digestOf, newSecret } from './one-way-secret.ts';

/** Long enough not to be in the way; a browser that is lost is shut out from any other. */
export const SIGN_IN_LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;

/** An old code can be told from one that never was for so long. */
const KEEP_CODES_MS = 30 * 24 * 60 * 60 * 1000;

/** What a browser is given to be known by. */
export interface NewSignIn {
  readonly secret: string;
  readonly personId: PersonId;
}

export interface AccountsOptions {
  readonly store: StudioStore;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
}

/** Browsers that are signed in. */
export class SignIns {
  readonly #store: StudioStore;
  readonly #wallClockMs: () => number;

  constructor({ store, wallClockMs }: AccountsOptions) {
    this.#store = store;
    this.#wallClockMs = wallClockMs;
  }

  /** As part of what lets them in. */
  async begin(
    records: StudioRecords,
    person: PersonRecord,
    { via, address }: Pick<Actor, 'via' | 'address'>,
    how: string,
  ): Promise<NewSignIn> {
    const nowMs = this.#wallClockMs();
    const secret = newSecret();
    await records.forgetExpired(nowMs, nowMs - KEEP_CODES_MS);
    await records.addSignIn({
      secretHash: digestOf(secret),
      personId: person.personId,
      createdAtMs: nowMs,
      expiresAtMs: nowMs + SIGN_IN_LIFETIME_MS,
    });
    const deed = { action: 'person.signed-in', target: person.name, detail: how } as const;
    await records.appendAudit(auditRecord({ person, via, address }, deed, nowMs));
    return { secret, personId: person.personId };
  }

  /** @param everywhere on every other browser, too. */
  async end(principal: Principal, everywhere: boolean): Promise<void> {
    const { proof } = principal;
    if (proof.kind !== 'session') return;
    const action = everywhere ? 'person.signed-out-everywhere' : 'person.signed-out';
    await this.#store.transact(async (records) => {
      if (everywhere) await records.removeSignInsOf(principal.personId);
      else await records.removeSignIn(proof.secretHash);
      const deed = { action, target: principal.name } as const;
      await records.appendAudit(auditRecord(actorOf(principal), deed, this.#wallClockMs()));
    });
  }
}
