import type { PersonId, Role, StudioId } from '../../protocol/studio-access.ts';
import { byCodeUnit } from '../text-order.ts';
import type { GameReads } from './game-store.ts';
import { GameMemory, MemoryGameReads } from './memory-game-reads.ts';
import type {
  AccessTokenRecord,
  AuditPage,
  AuditRecord,
  AuditSubject,
  ChallengeRecord,
  CodeRecord,
  MembershipRecord,
  PasskeyRecord,
  PersonRecord,
  SignInRecord,
  StudioReads,
  StudioRecord,
} from './studio-store.ts';

/** All that is remembered. */
export class StudioMemory {
  readonly people: PersonRecord[] = [];
  readonly studios: StudioRecord[] = [];
  readonly memberships: MembershipRecord[] = [];
  readonly codes: CodeRecord[] = [];
  readonly passkeys: PasskeyRecord[] = [];
  readonly challenges: ChallengeRecord[] = [];
  readonly signIns: SignInRecord[] = [];
  readonly tokens: AccessTokenRecord[] = [];
  readonly log: (AuditRecord & { readonly entryId: number })[] = [];
  readonly games = new GameMemory();
}

/** What is known of studios, in memory. */
export class MemoryStudioReads implements StudioReads {
  readonly games: GameReads = new MemoryGameReads(() => this.memory.games);
  readonly #memory: () => StudioMemory;

  /** @param memory called each time. @throws what a call is to reject with. */
  constructor(memory: () => StudioMemory) {
    this.#memory = memory;
  }

  protected get memory(): StudioMemory {
    return this.#memory();
  }

  async person(personId: PersonId): Promise<PersonRecord | undefined> {
    return copy(this.memory.people.find((one) => one.personId === personId));
  }

  async peopleNamed(name: string): Promise<PersonRecord[]> {
    const wanted = name.toLowerCase();
    return copy(this.memory.people.filter((one) => one.name.toLowerCase() === wanted)).sort(
      byArrival,
    );
  }

  async keepers(nowMs: number): Promise<{ person: PersonRecord; hasWayIn: boolean }[]> {
    const { people, memberships, passkeys, signIns } = this.memory;
    const owns = (personId: PersonId) =>
      memberships.some(
        (one) => one.personId === personId && one.role === 'owner' && one.removedAtMs === undefined,
      );
    return copy(people.filter(({ personId, founder }) => founder || owns(personId)))
      .sort(byArrival)
      .map((person) => ({
        person,
        hasWayIn:
          passkeys.some(({ personId }) => personId === person.personId) ||
          signIns.some(
            ({ personId, expiresAtMs }) => personId === person.personId && expiresAtMs > nowMs,
          ),
      }));
  }

  async studioBySlug(slug: string): Promise<StudioRecord | undefined> {
    return copy(this.memory.studios.find((one) => one.slug === slug));
  }

  async studio(studioId: StudioId): Promise<StudioRecord | undefined> {
    return copy(this.memory.studios.find((one) => one.studioId === studioId));
  }

  async studiosOf(personId: PersonId): Promise<{ studio: StudioRecord; role: Role }[]> {
    const { memberships, studios } = this.memory;
    return memberships
      .filter((one) => one.personId === personId && one.removedAtMs === undefined)
      .flatMap(({ studioId, role }) => {
        const studio = studios.find((one) => one.studioId === studioId);
        return studio ? [{ studio: copy(studio), role }] : [];
      })
      .sort(
        (a, b) =>
          byCodeUnit(a.studio.name.toLowerCase(), b.studio.name.toLowerCase()) ||
          byCodeUnit(a.studio.studioId, b.studio.studioId),
      );
  }

  async members(
    studioId: StudioId,
  ): Promise<{ person: PersonRecord; role: Role; sinceMs: number }[]> {
    const { memberships, people } = this.memory;
    return memberships
      .filter((one) => one.studioId === studioId && one.removedAtMs === undefined)
      .flatMap(({ personId, role, sinceMs }) => {
        const person = people.find((one) => one.personId === personId);
        return person ? [{ person: copy(person), role, sinceMs }] : [];
      })
      .sort((a, b) => a.sinceMs - b.sinceMs || byCodeUnit(a.person.personId, b.person.personId));
  }

  async membership(studioId: StudioId, personId: PersonId): Promise<MembershipRecord | undefined> {
    return copy(
      this.memory.memberships.find((one) => one.studioId === studioId && one.personId === personId),
    );
  }

  async code(codeHash: string): Promise<CodeRecord | undefined> {
    return copy(this.memory.codes.find((one) => one.codeHash === codeHash));
  }

  async openInvitations(studioId: StudioId, nowMs: number): Promise<CodeRecord[]> {
    return copy(
      this.memory.codes.filter(
        (one) =>
          one.studioId === studioId &&
          one.purpose === 'invitation' &&
          one.usedAtMs === undefined &&
          one.expiresAtMs > nowMs,
      ),
    ).sort((a, b) => b.createdAtMs - a.createdAtMs || byCodeUnit(b.codeId, a.codeId));
  }

  async passkey(credentialId: string): Promise<PasskeyRecord | undefined> {
    return copy(this.memory.passkeys.find((one) => one.credentialId === credentialId));
  }

  async passkeysOf(personId: PersonId): Promise<PasskeyRecord[]> {
    return copy(this.memory.passkeys.filter((one) => one.personId === personId)).sort(
      (a, b) => a.createdAtMs - b.createdAtMs || byCodeUnit(a.credentialId, b.credentialId),
    );
  }

  async signIn(secretHash: string): Promise<SignInRecord | undefined> {
    return copy(this.memory.signIns.find((one) => one.secretHash === secretHash));
  }

  async accessToken(tokenHash: string): Promise<AccessTokenRecord | undefined> {
    return copy(this.memory.tokens.find((one) => one.tokenHash === tokenHash));
  }

  async accessTokens(studioId: StudioId): Promise<AccessTokenRecord[]> {
    return copy(
      this.memory.tokens.filter(
        (one) => one.studioId === studioId && one.revokedAtMs === undefined,
      ),
    ).sort((a, b) => b.createdAtMs - a.createdAtMs || byCodeUnit(b.tokenId, a.tokenId));
  }

  async audit(
    subject: AuditSubject,
    { beforeId = Number.POSITIVE_INFINITY, kinds, limit }: AuditPage,
  ): Promise<(AuditRecord & { entryId: number })[]> {
    const about = (entry: AuditRecord) =>
      'studioId' in subject
        ? entry.studioId === subject.studioId
        : entry.studioId === undefined && entry.actorId === subject.accountOf;
    return copy(
      this.memory.log.filter(
        (entry) =>
          about(entry) &&
          entry.entryId < beforeId &&
          (kinds === undefined || kinds.some((kind) => entry.action.startsWith(`${kind}.`))),
      ),
    )
      .sort((a, b) => b.entryId - a.entryId)
      .slice(0, limit);
  }
}

function byArrival(a: PersonRecord, b: PersonRecord): number {
  return a.createdAtMs - b.createdAtMs || byCodeUnit(a.personId, b.personId);
}

function copy<T>(value: T): T {
  return structuredClone(value);
}
