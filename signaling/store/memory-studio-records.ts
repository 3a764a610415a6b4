import type { PersonId, StudioId } from '../../protocol/studio-access.ts';
import type { GameRecords } from './game-store.ts';
import { MemoryGameRecords } from './memory-game-records.ts';
import { MemoryStudioReads } from './memory-studio-reads.ts';
import { storable } from './storable-text.ts';
import type {
  AccessTokenRecord,
  AuditRecord,
  ChallengeRecord,
  CodeRecord,
  MembershipRecord,
  PasskeyRecord,
  PersonRecord,
  SignInRecord,
  StudioRecord,
  StudioRecords,
} from './studio-store.ts';

/** What is known of studios and can be changed, in a copy of the memory. */
export class MemoryStudioRecords extends MemoryStudioReads implements StudioRecords {
  override readonly games: GameRecords = new MemoryGameRecords(() => this.memory.games);

  async addPerson(record: PersonRecord): Promise<void> {
    this.memory.people.push(kept(record));
  }

  /** One transaction after the other: there is nobody to keep out. */
  async lockPerson(): Promise<void> {}

  async addStudio(record: StudioRecord): Promise<boolean> {
    const { studios } = this.memory;
    if (studios.some(({ slug }) => slug === record.slug)) return false;
    studios.push(kept(record));
    return true;
  }

  async renameStudio(studioId: StudioId, name: string): Promise<void> {
    change(
      this.memory.studios,
      (one) => one.studioId === studioId,
      (one) => ({ ...one, name: storable(name) }),
    );
  }

  /** As with a person. */
  async lockStudio(): Promise<void> {}

  async putMembership(record: MembershipRecord): Promise<void> {
    const { studioId, personId } = record;
    const { memberships } = this.memory;
    drop(memberships, (one) => one.studioId === studioId && one.personId === personId);
    memberships.push(kept(record));
  }

  async addCode(record: CodeRecord): Promise<void> {
    this.memory.codes.push(kept(record));
  }

  async useCode(codeHash: string, nowMs: number): Promise<CodeRecord | undefined> {
    const used = change(
      this.memory.codes,
      (one) => one.codeHash === codeHash && one.usedAtMs === undefined && one.expiresAtMs > nowMs,
      (one) => ({ ...one, usedAtMs: nowMs }),
    );
    return structuredClone(used);
  }

  async dropCodes(purpose: CodeRecord['purpose']): Promise<void> {
    drop(this.memory.codes, (one) => one.purpose === purpose && one.usedAtMs === undefined);
  }

  async dropInvitation(studioId: StudioId, codeId: string): Promise<boolean> {
    return drop(
      this.memory.codes,
      (one) =>
        one.codeId === codeId &&
        one.studioId === studioId &&
        one.purpose === 'invitation' &&
        one.usedAtMs === undefined,
    );
  }

  async addPasskey(record: PasskeyRecord): Promise<boolean> {
    const { passkeys } = this.memory;
    if (passkeys.some(({ credentialId }) => credentialId === record.credentialId)) return false;
    passkeys.push(kept(record));
    return true;
  }

  async renamePasskey(credentialId: string, name: string): Promise<void> {
    change(
      this.memory.passkeys,
      (one) => one.credentialId === credentialId,
      (one) => ({ ...one, name: storable(name) }),
    );
  }

  async removePasskey(credentialId: string): Promise<void> {
    drop(this.memory.passkeys, (one) => one.credentialId === credentialId);
  }

  async usePasskey(record: PasskeyRecord, counter: number, nowMs: number): Promise<boolean> {
    const used = change(
      this.memory.passkeys,
      (one) => one.credentialId === record.credentialId && one.counter === record.counter,
      (one) => ({ ...one, counter, lastUsedAtMs: nowMs }),
    );
    return used !== undefined;
  }

  async addChallenge(record: ChallengeRecord): Promise<void> {
    this.memory.challenges.push(kept(record));
  }

  async takeChallenge(challenge: string, nowMs: number): Promise<ChallengeRecord | undefined> {
    const { challenges } = this.memory;
    const taken = challenges.find((one) => one.challenge === challenge && one.expiresAtMs > nowMs);
    drop(challenges, (one) => one === taken);
    return structuredClone(taken);
  }

  async addSignIn(record: SignInRecord): Promise<void> {
    this.memory.signIns.push(kept(record));
  }

  async removeSignIn(secretHash: string): Promise<void> {
    drop(this.memory.signIns, (one) => one.secretHash === secretHash);
  }

  async removeSignInsOf(personId: PersonId): Promise<void> {
    drop(this.memory.signIns, (one) => one.personId === personId);
  }

  async addAccessToken(record: AccessTokenRecord): Promise<void> {
    this.memory.tokens.push(kept(record));
  }

  async revokeAccessToken(tokenId: string, nowMs: number): Promise<boolean> {
    const revoked = change(
      this.memory.tokens,
      (one) => one.tokenId === tokenId && one.revokedAtMs === undefined,
      (one) => ({ ...one, revokedAtMs: nowMs }),
    );
    return revoked !== undefined;
  }

  async touchAccessToken(tokenId: string, nowMs: number): Promise<void> {
    change(
      this.memory.tokens,
      (one) => one.tokenId === tokenId,
      (one) => ({ ...one, lastUsedAtMs: nowMs }),
    );
  }

  async appendAudit(record: AuditRecord): Promise<void> {
    const { log } = this.memory;
    log.push({ ...kept(record), entryId: log.length + 1 });
  }

  async forgetExpired(nowMs: number, codesBeforeMs: number): Promise<void> {
    const { signIns, challenges, codes } = this.memory;
    drop(signIns, ({ expiresAtMs }) => expiresAtMs <= nowMs);
    drop(challenges, ({ expiresAtMs }) => expiresAtMs <= nowMs);
    drop(codes, ({ expiresAtMs }) => expiresAtMs < codesBeforeMs);
  }
}

/** A copy, with what a database would make of its texts. */
function kept<T>(value: T): T {
  return storable(structuredClone(value));
}

/** Replaces the first that is meant. @returns what it was; undefined where there is none. */
function change<T>(
  records: T[],
  isMeant: (record: T) => boolean,
  to: (record: T) => T,
): T | undefined {
  const index = records.findIndex(isMeant);
  const before = records[index];
  if (before !== undefined) records[index] = to(before);
  return before;
}

/** @returns whether there was any. */
function drop<T>(records: T[], isMeant: (record: T) => boolean): boolean {
  const left = records.filter((record) => !isMeant(record));
  const dropped = left.length < records.length;
  records.splice(0, records.length, ...left);
  return dropped;
}
