import { and, eq, gt, isNull, lt, lte } from 'drizzle-orm';
import type { PersonId, StudioId } from '../../protocol/studio-access.ts';
import type { GameRecords } from './game-store.ts';
import { SqlGameRecords } from './sql-game-records.ts';
import { SqlStudioReads } from './sql-studio-reads.ts';
import { storable } from './storable-text.ts';
import { challengeRowSchema, codeRowSchema } from './studio-rows.ts';
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
import {
  accessTokensTable,
  auditTable,
  challengesTable,
  codesTable,
  membershipsTable,
  passkeysTable,
  peopleTable,
  signInsTable,
  studiosTable,
} from './studio-tables.ts';

/** What is known of studios and can be changed, on the connection of one transaction. */
export class SqlStudioRecords extends SqlStudioReads implements StudioRecords {
  override readonly games: GameRecords = new SqlGameRecords(this.access);

  async addPerson(record: PersonRecord): Promise<void> {
    await this.access.ask((database) => database.insert(peopleTable).values(storable(record)));
  }

  async lockPerson(personId: PersonId): Promise<void> {
    await this.access.ask((database) =>
      database
        .select({ personId: peopleTable.personId })
        .from(peopleTable)
        .where(eq(peopleTable.personId, personId))
        .for('update'),
    );
  }

  async addStudio(record: StudioRecord): Promise<boolean> {
    const added = await this.access.ask((database) =>
      database
        .insert(studiosTable)
        .values(storable(record))
        .onConflictDoNothing()
        .returning({ studioId: studiosTable.studioId }),
    );
    return added.length > 0;
  }

  async renameStudio(studioId: StudioId, name: string): Promise<void> {
    await this.access.ask((database) =>
      database
        .update(studiosTable)
        .set({ name: storable(name) })
        .where(eq(studiosTable.studioId, studioId)),
    );
  }

  async lockStudio(studioId: StudioId): Promise<void> {
    await this.access.ask((database) =>
      database
        .select({ studioId: studiosTable.studioId })
        .from(studiosTable)
        .where(eq(studiosTable.studioId, studioId))
        .for('update'),
    );
  }

  async putMembership(record: MembershipRecord): Promise<void> {
    const { studioId, personId, removedAtMs = null, ...kept } = record;
    // Undefined would leave the column as it is.
    const update = { ...kept, removedAtMs };
    await this.access.ask((database) =>
      database
        .insert(membershipsTable)
        .values({ studioId, personId, ...update })
        .onConflictDoUpdate({
          target: [membershipsTable.studioId, membershipsTable.personId],
          set: update,
        }),
    );
  }

  async addCode(record: CodeRecord): Promise<void> {
    await this.access.ask((database) => database.insert(codesTable).values(record));
  }

  async useCode(codeHash: string, nowMs: number): Promise<CodeRecord | undefined> {
    const { usedAtMs, expiresAtMs } = codesTable;
    const used = await this.access.ask((database) =>
      database
        .update(codesTable)
        .set({ usedAtMs: nowMs })
        .where(and(eq(codesTable.codeHash, codeHash), isNull(usedAtMs), gt(expiresAtMs, nowMs)))
        .returning(),
    );
    const [code] = this.access.read('one_time_codes', codeRowSchema, used);
    return code && { ...code, usedAtMs: undefined };
  }

  async dropCodes(purpose: CodeRecord['purpose']): Promise<void> {
    await this.access.ask((database) =>
      database
        .delete(codesTable)
        .where(and(eq(codesTable.purpose, purpose), isNull(codesTable.usedAtMs))),
    );
  }

  async dropInvitation(studioId: StudioId, codeId: string): Promise<boolean> {
    const dropped = await this.access.ask((database) =>
      database
        .delete(codesTable)
        .where(
          and(
            eq(codesTable.codeId, codeId),
            eq(codesTable.studioId, studioId),
            eq(codesTable.purpose, 'invitation'),
            isNull(codesTable.usedAtMs),
          ),
        )
        .returning({ codeId: codesTable.codeId }),
    );
    return dropped.length > 0;
  }

  async addPasskey(record: PasskeyRecord): Promise<boolean> {
    const added = await this.access.ask((database) =>
      database
        .insert(passkeysTable)
        .values(storable(record))
        .onConflictDoNothing()
        .returning({ credentialId: passkeysTable.credentialId }),
    );
    return added.length > 0;
  }

  async renamePasskey(credentialId: string, name: string): Promise<void> {
    await this.access.ask((database) =>
      database
        .update(passkeysTable)
        .set({ name: storable(name) })
        .where(eq(passkeysTable.credentialId, credentialId)),
    );
  }

  async removePasskey(credentialId: string): Promise<void> {
    await this.access.ask((database) =>
      database.delete(passkeysTable).where(eq(passkeysTable.credentialId, credentialId)),
    );
  }

  async usePasskey(record: PasskeyRecord, counter: number, nowMs: number): Promise<boolean> {
    const { credentialId } = passkeysTable;
    const used = await this.access.ask((database) =>
      database
        .update(passkeysTable)
        .set({ counter, lastUsedAtMs: nowMs })
        .where(
          and(eq(credentialId, record.credentialId), eq(passkeysTable.counter, record.counter)),
        )
        .returning({ credentialId }),
    );
    return used.length > 0;
  }

  async addChallenge(record: ChallengeRecord): Promise<void> {
    await this.access.ask((database) => database.insert(challengesTable).values(record));
  }

  async takeChallenge(challenge: string, nowMs: number): Promise<ChallengeRecord | undefined> {
    const taken = await this.access.ask((database) =>
      database
        .delete(challengesTable)
        .where(
          and(eq(challengesTable.challenge, challenge), gt(challengesTable.expiresAtMs, nowMs)),
        )
        .returning(),
    );
    return this.access.read('passkey_challenges', challengeRowSchema, taken)[0];
  }

  async addSignIn(record: SignInRecord): Promise<void> {
    await this.access.ask((database) => database.insert(signInsTable).values(record));
  }

  async removeSignIn(secretHash: string): Promise<void> {
    await this.access.ask((database) =>
      database.delete(signInsTable).where(eq(signInsTable.secretHash, secretHash)),
    );
  }

  async removeSignInsOf(personId: PersonId): Promise<void> {
    await this.access.ask((database) =>
      database.delete(signInsTable).where(eq(signInsTable.personId, personId)),
    );
  }

  async addAccessToken(record: AccessTokenRecord): Promise<void> {
    await this.access.ask((database) =>
      database.insert(accessTokensTable).values(storable(record)),
    );
  }

  async revokeAccessToken(tokenId: string, nowMs: number): Promise<boolean> {
    const revoked = await this.access.ask((database) =>
      database
        .update(accessTokensTable)
        .set({ revokedAtMs: nowMs })
        .where(and(eq(accessTokensTable.tokenId, tokenId), isNull(accessTokensTable.revokedAtMs)))
        .returning({ tokenId: accessTokensTable.tokenId }),
    );
    return revoked.length > 0;
  }

  async touchAccessToken(tokenId: string, nowMs: number): Promise<void> {
    await this.access.ask((database) =>
      database
        .update(accessTokensTable)
        .set({ lastUsedAtMs: nowMs })
        .where(eq(accessTokensTable.tokenId, tokenId)),
    );
  }

  async appendAudit(record: AuditRecord): Promise<void> {
    await this.access.ask((database) => database.insert(auditTable).values(storable(record)));
  }

  async forgetExpired(nowMs: number, codesBeforeMs: number): Promise<void> {
    await this.access.ask((database) =>
      database.delete(signInsTable).where(lte(signInsTable.expiresAtMs, nowMs)),
    );
    await this.access.ask((database) =>
      database.delete(challengesTable).where(lte(challengesTable.expiresAtMs, nowMs)),
    );
    await this.access.ask((database) =>
      database.delete(codesTable).where(lt(codesTable.expiresAtMs, codesBeforeMs)),
    );
  }
}
