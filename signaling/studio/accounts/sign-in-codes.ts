import { randomUUID } from 'node:crypto';
import { RockpoolError } from '../../../protocol/errors.ts';
import { type PersonId, personIdSchema } from '../../../protocol/studio-access.ts';
import type { CodeMeaning, UseCode } from '../../../protocol/studio-messages.ts';
import type {
  CodeRecord,
  PersonRecord,
  StudioRecords,
  StudioStore,
} from '../../store/studio-store.ts';
import type { Principal } from './access-policy.ts';
import { type Actor, actorOf, auditRecord } from './audit-trail.ts';
import { type IssuedCode, issueCode } from './one-time-code.ts';
import { digestOf, readCode } from './one-way-secret.ts';
import type { AccountsOptions, NewSignIn, SignIns } from './sign-ins.ts';
import type { Studios } from './studios.ts';

export interface SignInCodesOptions extends AccountsOptions {
  readonly signIns: SignIns;
  readonly studios: Studios;
}

/** Codes that let somebody in once: the first owner, a person without their passkey, an invited one. */
export class SignInCodes {
  readonly #store: StudioStore;
  readonly #wallClockMs: () => number;
  readonly #signIns: SignIns;
  readonly #studios: Studios;

  constructor({ store, wallClockMs, signIns, studios }: SignInCodesOptions) {
    this.#store = store;
    this.#wallClockMs = wallClockMs;
    this.#signIns = signIns;
    this.#studios = studios;
  }

  /**
   * What a code would do. It is not used up by being looked at.
   * @throws RockpoolError `unauthorised`
   */
  async look(typed: string): Promise<CodeMeaning> {
    const hash = hashOf(typed);
    const code = await this.#store.code(hash);
    if (!code || code.usedAtMs !== undefined || code.expiresAtMs <= this.#wallClockMs()) {
      throw refusal(code);
    }
    switch (code.purpose) {
      case 'found':
        return { purpose: 'found' };
      case 'sign-in': {
        const { name } = await mustBe(this.#store, code);
        return { purpose: 'sign-in', name };
      }
      case 'invitation': {
        const { studioId, role } = mustLead(code);
        const studio = await this.#store.studio(studioId);
        if (!studio) throw refusal(undefined);
        return { purpose: 'invitation', studio: studio.name, role };
      }
    }
  }

  /**
   * Uses a code up, and lets its person in.
   * @param principal who is signed in already, and so takes an invitation.
   * @throws RockpoolError `unauthorised`; `bad-message` where a name is missing: the code is as good
   *   as before.
   */
  async use(
    { code: typed, name, studio }: UseCode,
    principal: Principal | undefined,
    address: string,
  ): Promise<NewSignIn | undefined> {
    const hash = hashOf(typed);
    const nowMs = this.#wallClockMs();
    return this.#store.transact(async (records) => {
      const code = await records.useCode(hash, nowMs);
      if (!code) throw refusal(await records.code(hash));
      const from = { via: 'code', address } as const;
      switch (code.purpose) {
        case 'sign-in':
          return this.#signIns.begin(records, await mustBe(records, code), from, 'with a code');
        case 'found': {
          const person = await this.#come(records, name, true, from);
          await this.#studios.found(
            records,
            { person, ...from },
            studio ?? `${person.name}’s studio`,
          );
          // Whoever finds another one printed before does not become a second first owner.
          await records.dropCodes('found');
          return this.#signIns.begin(records, person, from, 'with a code');
        }
        case 'invitation': {
          const place = mustLead(code);
          // A token joins nothing: it is for the one studio it was made in.
          if (principal?.proof.kind === 'session') {
            const actor = actorOf(principal);
            await this.#studios.join(records, actor, principal.personId, place);
            return undefined;
          }
          const person = await this.#come(records, name, false, from);
          await this.#studios.join(records, { person, ...from }, person.personId, place);
          return this.#signIns.begin(records, person, from, 'with an invitation');
        }
      }
    });
  }

  /**
   * What the operator has printed at a start: nothing where somebody who keeps studios can come in, a
   * code for the first who cannot, or one for the first owner of all.
   */
  async issueAtStart(): Promise<IssuedCode | undefined> {
    const keepers = await this.#store.keepers(this.#wallClockMs());
    if (keepers.some(({ hasWayIn }) => hasWayIn)) return undefined;
    return (await this.#issue(keepers[0]?.person)).issued;
  }

  /**
   * A code that the operator asks for.
   * @param named whom it is to let in; undefined: the only one who keeps studios, or the first owner.
   * @throws RockpoolError `bad-message` where that is nobody, or not one alone.
   */
  async issueFor(
    named: string | undefined,
  ): Promise<{ readonly issued: IssuedCode; readonly person: PersonRecord | undefined }> {
    if (named === undefined) {
      const [first, ...others] = await this.#store.keepers(this.#wallClockMs());
      if (others.length === 0) return this.#issue(first?.person);
      const names = [first, ...others].map((keeper) => `  ${describe(keeper?.person)}`);
      throw new RockpoolError(
        'bad-message',
        `Say for whom, by name or id, with --person:\n${names.join('\n')}`,
      );
    }
    const [person, ...others] = await this.#peopleCalled(named);
    if (!person) throw new RockpoolError('bad-message', `Nobody here is called ${named}.`);
    if (others.length === 0) return this.#issue(person);
    const ids = [person, ...others].map((one) => `  ${describe(one)}`);
    throw new RockpoolError(
      'bad-message',
      `Several people are called ${named}. Name one by id:\n${ids.join('\n')}`,
    );
  }

  async #peopleCalled(named: string): Promise<PersonRecord[]> {
    const personId = personIdSchema.safeParse(named);
    if (!personId.success) return this.#store.peopleNamed(named);
    const person = await this.#store.person(personId.data);
    return person ? [person] : [];
  }

  #issue(person: PersonRecord | undefined) {
    const nowMs = this.#wallClockMs();
    return this.#store.transact(async (records) => {
      const purpose = person
        ? ({ purpose: 'sign-in', personId: person.personId } as const)
        : ({ purpose: 'found' } as const);
      const issued = await issueCode(records, purpose, nowMs);
      if (person) {
        // Theirs to see: somebody can come in as them.
        const record = auditRecord(
          { person, via: 'operator', address: '' },
          { action: 'code.created', target: person.name },
          nowMs,
        );
        await records.appendAudit({ ...record, actorName: 'The operator' });
      }
      return { issued, person };
    });
  }

  async #come(
    records: StudioRecords,
    name: string | undefined,
    founder: boolean,
    from: Pick<Actor, 'via' | 'address'>,
  ): Promise<PersonRecord> {
    if (name === undefined) {
      throw new RockpoolError('bad-message', 'Say what you want to be called.');
    }
    const createdAtMs = this.#wallClockMs();
    const personId: PersonId = personIdSchema.parse(randomUUID());
    const person: PersonRecord = { personId, name, founder, createdAtMs };
    await records.addPerson(person);
    const deed = { action: 'person.came', target: name } as const;
    await records.appendAudit(auditRecord({ person, ...from }, deed, createdAtMs));
    return person;
  }
}

function describe(person: PersonRecord | undefined): string {
  return person ? `${person.name} (${person.personId})` : '';
}

/** @throws RockpoolError `unauthorised` */
function hashOf(typed: string): string {
  const code = readCode(typed);
  if (code === undefined) throw refusal(undefined);
  return digestOf(code);
}

/** Whom a code to sign in is for. */
async function mustBe(
  records: Pick<StudioRecords, 'person'>,
  { personId }: CodeRecord,
): Promise<PersonRecord> {
  const person = personId && (await records.person(personId));
  if (!person) throw refusal(undefined);
  return person;
}

function mustLead({ studioId, role }: CodeRecord) {
  if (studioId === undefined || role === undefined) throw refusal(undefined);
  return { studioId, role };
}

function refusal(code: CodeRecord | undefined): RockpoolError {
  const why =
    code === undefined
      ? 'This code is not known here: it may be mistyped, or withdrawn.'
      : code.usedAtMs !== undefined
        ? 'This code has been used already: each works once.'
        : 'This code has expired.';
  return new RockpoolError('unauthorised', `${why} Ask for a new one.`);
}
