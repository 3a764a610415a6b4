import type { AuditAnswer } from '../../../protocol/studio-messages.ts';
import { AUDIT_GROUPS, AUDIT_PAGE, type AuditGroup } from '../../../protocol/studio-messages.ts';
import type { AuditSubject, StudioRecord, StudioStore } from '../../store/studio-store.ts';
import { demand, noSuchStudio, type Principal } from './access-policy.ts';
import type { AccountsOptions } from './sign-ins.ts';

export interface AuditQuery {
  readonly before?: number | undefined;
  readonly group?: AuditGroup | undefined;
}

/** What was done: in a studio, for its owners, and to an account, for its person. */
export class AuditLog {
  readonly #store: StudioStore;
  readonly #wallClockMs: () => number;

  constructor({ store, wallClockMs }: AccountsOptions) {
    this.#store = store;
    this.#wallClockMs = wallClockMs;
  }

  /** @throws RockpoolError `forbidden` */
  async ofStudio(
    principal: Principal,
    { studioId }: StudioRecord,
    query: AuditQuery,
  ): Promise<AuditAnswer> {
    demand(principal, studioId, 'audit:read');
    return this.#page({ studioId }, query);
  }

  async ofAccount(principal: Principal, query: AuditQuery): Promise<AuditAnswer> {
    if (principal.proof.kind === 'token') throw noSuchStudio();
    return this.#page({ accountOf: principal.personId }, query);
  }

  async #page(subject: AuditSubject, { before, group }: AuditQuery): Promise<AuditAnswer> {
    const found = await this.#store.audit(subject, {
      beforeId: before,
      kinds: group && AUDIT_GROUPS[group],
      limit: AUDIT_PAGE + 1,
    });
    const entries = found
      .slice(0, AUDIT_PAGE)
      .map(({ entryId, atMs, actorName, via, action, target, detail, address }) => ({
        entryId,
        atMs,
        actor: actorName,
        via,
        action,
        target,
        detail,
        address,
      }));
    return { entries, more: found.length > AUDIT_PAGE, nowMs: this.#wallClockMs() };
  }
}
