import { randomUUID } from 'node:crypto';
import { RockpoolError } from '../../../protocol/errors.ts';
import {
  type PersonId,
  RESTORE_MS,
  type Role,
  type StudioId,
  studioIdSchema,
} from '../../../protocol/studio-access.ts';
import type { StudioReport } from '../../../protocol/studio-messages.ts';
import type {
  MembershipRecord,
  PersonRecord,
  StudioRecord,
  StudioRecords,
  StudioStore,
} from '../../store/studio-store.ts';
import { byCodeUnit } from '../../text-order.ts';
import { demand, may, mayFound, noSuchStudio, type Principal, roleIn } from './access-policy.ts';
import { type Actor, actorOf, auditRecord, type Deed } from './audit-trail.ts';
import { type IssuedCode, issueCode } from './one-time-code.ts';
import type { AccountsOptions } from './sign-ins.ts';
import { slugsFor } from './studio-slug.ts';

/** So many open invitations at once: each is a way in. */
const MAX_INVITATIONS = 50;
/** So many studios of one person, so that nobody fills the database. */
const MAX_STUDIOS = 50;
const RANKS: readonly Role[] = ['owner', 'developer', 'viewer'];

/** Studios, who is in them and as what. */
export class Studios {
  readonly #store: StudioStore;
  readonly #wallClockMs: () => number;

  constructor({ store, wallClockMs }: AccountsOptions) {
    this.#store = store;
    this.#wallClockMs = wallClockMs;
  }

  /**
   * The studio of an address, for one who is in it.
   * @throws RockpoolError `not-found`
   */
  find(principal: Principal, slug: string): StudioRecord {
    const found = principal.studios.find(({ studio }) => studio.slug === slug)?.studio;
    if (!found || !may(principal, found.studioId, 'studio:read')) throw noSuchStudio();
    return found;
  }

  /** @throws RockpoolError `forbidden` */
  async create(principal: Principal, name: string): Promise<StudioRecord> {
    if (!mayFound(principal)) {
      throw new RockpoolError(
        'forbidden',
        'Studios are begun by owners of one, and by whom the operator has let in. Ask one of them.',
      );
    }
    if (principal.studios.length >= MAX_STUDIOS) {
      throw new RockpoolError('conflict', `One person can be in ${MAX_STUDIOS} studios at most.`);
    }
    const { personId } = principal;
    return this.#store.transact(async (records) => {
      const person = await records.person(personId);
      if (!person) throw noSuchStudio();
      return this.found(records, { ...actorOf(principal), person }, name);
    });
  }

  /** As part of what lets its owner in. */
  async found(
    records: StudioRecords,
    actor: Actor & { readonly person: Pick<PersonRecord, 'personId' | 'name'> },
    name: string,
  ): Promise<StudioRecord> {
    const nowMs = this.#wallClockMs();
    const studioId = studioIdSchema.parse(randomUUID());
    for (const slug of slugsFor(name)) {
      const studio: StudioRecord = { studioId, slug, name, createdAtMs: nowMs };
      if (!(await records.addStudio(studio))) continue;
      await records.putMembership({
        studioId,
        personId: actor.person.personId,
        role: 'owner',
        sinceMs: nowMs,
        removedAtMs: undefined,
      });
      await this.#note(records, actor, { action: 'studio.created', studioId, target: name });
      return studio;
    }
    throw noSuchStudio();
  }

  async rename(principal: Principal, { studioId, name: before }: StudioRecord, name: string) {
    demand(principal, studioId, 'studio:rename');
    if (name === before) return;
    await this.#store.transact(async (records) => {
      await records.renameStudio(studioId, name);
      const detail = `${before} → ${name}`;
      const deed = { action: 'studio.renamed', studioId, target: name, detail } as const;
      await this.#note(records, actorOf(principal), deed);
    });
  }

  async report(principal: Principal, studio: StudioRecord): Promise<StudioReport> {
    const { studioId, slug, name } = studio;
    const role = roleIn(principal, studioId);
    if (role === undefined || principal.proof.kind === 'token') throw noSuchStudio();
    const nowMs = this.#wallClockMs();
    const members = await this.#store.members(studioId);
    const invitations = may(principal, studioId, 'members:manage')
      ? await this.#store.openInvitations(studioId, nowMs)
      : [];
    return {
      studioId,
      slug,
      name,
      role,
      members: members
        .map(({ person, role, sinceMs }) => ({
          personId: person.personId,
          name: person.name,
          role,
          sinceMs,
        }))
        .sort(
          (a, b) =>
            RANKS.indexOf(a.role) - RANKS.indexOf(b.role) ||
            byCodeUnit(a.name.toLowerCase(), b.name.toLowerCase()),
        ),
      invitations: invitations.map(({ codeId, role, createdAtMs, expiresAtMs }) => ({
        invitationId: codeId,
        role: role ?? 'viewer',
        createdAtMs,
        expiresAtMs,
      })),
      nowMs,
    };
  }

  /** @throws RockpoolError `forbidden`, `conflict` */
  async invite(principal: Principal, { studioId }: StudioRecord, role: Role): Promise<IssuedCode> {
    demand(principal, studioId, 'members:manage');
    const nowMs = this.#wallClockMs();
    return this.#store.transact(async (records) => {
      await records.lockStudio(studioId);
      if ((await records.openInvitations(studioId, nowMs)).length >= MAX_INVITATIONS) {
        throw new RockpoolError(
          'conflict',
          `There are ${MAX_INVITATIONS} open invitations already. Withdraw some first.`,
        );
      }
      const issued = await issueCode(records, { purpose: 'invitation', studioId, role }, nowMs);
      const deed = { action: 'invitation.created', studioId, target: role } as const;
      await this.#note(records, actorOf(principal), deed);
      return issued;
    });
  }

  async withdraw(principal: Principal, { studioId }: StudioRecord, invitationId: string) {
    demand(principal, studioId, 'members:manage');
    await this.#store.transact(async (records) => {
      const nowMs = this.#wallClockMs();
      const open = await records.openInvitations(studioId, nowMs);
      const role = open.find(({ codeId }) => codeId === invitationId)?.role;
      if (!(await records.dropInvitation(studioId, invitationId))) {
        throw new RockpoolError('not-found', 'This invitation was used or withdrawn already.');
      }
      const target = role ?? 'expired';
      await this.#note(records, actorOf(principal), {
        action: 'invitation.withdrawn',
        studioId,
        target,
      });
    });
  }

  /**
   * As part of taking an invitation.
   * @throws RockpoolError `conflict` for who is in it already.
   */
  async join(
    records: StudioRecords,
    actor: Actor,
    personId: PersonId,
    { studioId, role }: { readonly studioId: StudioId; readonly role: Role },
  ): Promise<void> {
    await records.lockStudio(studioId);
    const before = await records.membership(studioId, personId);
    if (before && before.removedAtMs === undefined) {
      throw new RockpoolError(
        'conflict',
        `You are in this studio already, as ${before.role}. An owner of it can change that.`,
      );
    }
    const sinceMs = this.#wallClockMs();
    await records.putMembership({ studioId, personId, role, sinceMs, removedAtMs: undefined });
    const target = actor.person?.name ?? '';
    await this.#note(records, actor, { action: 'member.joined', studioId, target, detail: role });
  }

  /** @throws RockpoolError `forbidden`, `not-found`, `conflict` for the last owner. */
  async changeRole(
    principal: Principal,
    { studioId }: StudioRecord,
    personId: PersonId,
    role: Role,
  ): Promise<void> {
    demand(principal, studioId, 'members:manage');
    return this.#store.transact(async (records) => {
      await records.lockStudio(studioId);
      const { membership, name } = await mustBeMember(records, studioId, personId);
      if (membership.role === role) return;
      if (membership.role === 'owner') await mustNotBeLastOwner(records, membership);
      await records.putMembership({ ...membership, role });
      await this.#note(records, actorOf(principal), {
        action: 'member.role-changed',
        studioId,
        target: name,
        detail: `${membership.role} → ${role}`,
      });
    });
  }

  /**
   * Also one's own leaving, whatever one's role.
   * @throws RockpoolError `forbidden`, `not-found`, `conflict` for the last owner.
   */
  async remove(
    principal: Principal,
    { studioId }: StudioRecord,
    personId: PersonId,
  ): Promise<void> {
    const leaving = personId === principal.personId && principal.proof.kind === 'session';
    if (!leaving) demand(principal, studioId, 'members:manage');
    return this.#store.transact(async (records) => {
      await records.lockStudio(studioId);
      const { membership, name } = await mustBeMember(records, studioId, personId);
      if (membership.role === 'owner') await mustNotBeLastOwner(records, membership);
      await records.putMembership({ ...membership, removedAtMs: this.#wallClockMs() });
      await this.#note(records, actorOf(principal), {
        action: leaving ? 'member.left' : 'member.removed',
        studioId,
        target: name,
        detail: membership.role,
      });
    });
  }

  /**
   * Takes a removal back.
   * @throws RockpoolError `forbidden`; `conflict` where it is too late for that.
   */
  async restore(
    principal: Principal,
    { studioId }: StudioRecord,
    personId: PersonId,
  ): Promise<void> {
    demand(principal, studioId, 'members:manage');
    return this.#store.transact(async (records) => {
      await records.lockStudio(studioId);
      const membership = await records.membership(studioId, personId);
      const removedAtMs = membership?.removedAtMs;
      if (!membership || removedAtMs === undefined) {
        throw new RockpoolError('not-found', 'Nobody was removed who could be put back.');
      }
      if (this.#wallClockMs() - removedAtMs > RESTORE_MS) {
        throw new RockpoolError('conflict', 'It is too late to undo this. Send an invitation.');
      }
      await records.putMembership({ ...membership, removedAtMs: undefined });
      await this.#note(records, actorOf(principal), {
        action: 'member.restored',
        studioId,
        target: (await records.person(personId))?.name ?? '',
        detail: membership.role,
      });
    });
  }

  #note(records: StudioRecords, actor: Actor, deed: Deed): Promise<void> {
    return records.appendAudit(auditRecord(actor, deed, this.#wallClockMs()));
  }
}

async function mustBeMember(records: StudioRecords, studioId: StudioId, personId: PersonId) {
  const membership = await records.membership(studioId, personId);
  const person = await records.person(personId);
  if (membership && membership.removedAtMs === undefined && person) {
    return { membership, name: person.name };
  }
  throw new RockpoolError('not-found', 'This person is not in the studio any more.');
}

async function mustNotBeLastOwner(
  records: StudioRecords,
  { studioId, personId }: MembershipRecord,
): Promise<void> {
  const members = await records.members(studioId);
  if (members.some(({ person, role }) => role === 'owner' && person.personId !== personId)) return;
  throw new RockpoolError(
    'conflict',
    'A studio keeps at least one owner. Make somebody else an owner first.',
  );
}
