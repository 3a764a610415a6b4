import { and, asc, desc, eq, gt, isNull, like, lt, or, type SQL, sql } from 'drizzle-orm';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type { z } from 'zod';
import type { PersonId, Role, StudioId } from '../../protocol/studio-access.ts';
import type { GameReads } from './game-store.ts';
import { SqlGameReads } from './sql-game-reads.ts';
import {
  accessTokenRowSchema,
  auditRowSchema,
  codeRowSchema,
  keeperRowSchema,
  memberRowSchema,
  membershipRowSchema,
  passkeyRowSchema,
  personRowSchema,
  signInRowSchema,
  studioOfPersonRowSchema,
  studioRowSchema,
} from './studio-rows.ts';
import type {
  AccessTokenRecord,
  AuditPage,
  AuditRecord,
  AuditSubject,
  CodeRecord,
  MembershipRecord,
  PasskeyRecord,
  PersonRecord,
  SignInRecord,
  StudioReads,
  StudioRecord,
} from './studio-store.ts';
import {
  accessTokensTable,
  auditTable,
  codesTable,
  membershipsTable,
  passkeysTable,
  peopleTable,
  signInsTable,
  studiosTable,
} from './studio-tables.ts';

export type SqlDatabase = PgDatabase<PgQueryResultHKT>;

/** How statements reach the database, and rows become records. */
export interface SqlAccess {
  /** One statement. @throws RockpoolError whatever goes wrong. */
  ask<T>(statement: (database: SqlDatabase) => PromiseLike<T>): Promise<T>;
  /** The rows that can be read; the others are logged. */
  read<T>(table: string, schema: z.ZodType<T>, rows: readonly unknown[]): T[];
}

/** What is known of studios, in Postgres. Each call is one statement. */
export class SqlStudioReads implements StudioReads {
  readonly games: GameReads;
  protected readonly access: SqlAccess;

  constructor(access: SqlAccess) {
    this.access = access;
    this.games = new SqlGameReads(access);
  }

  person(personId: PersonId): Promise<PersonRecord | undefined> {
    return this.#one('people', personRowSchema, (database) =>
      database.select().from(peopleTable).where(eq(peopleTable.personId, personId)),
    );
  }

  peopleNamed(name: string): Promise<PersonRecord[]> {
    return this.#all('people', personRowSchema, (database) =>
      database
        .select()
        .from(peopleTable)
        .where(sql`lower(${peopleTable.name}) = lower(${name})`)
        .orderBy(asc(peopleTable.createdAtMs), asc(peopleTable.personId)),
    );
  }

  keepers(nowMs: number): Promise<{ person: PersonRecord; hasWayIn: boolean }[]> {
    const { personId, founder, createdAtMs } = peopleTable;
    const owns = sql`exists (select 1 from ${membershipsTable}
      where ${membershipsTable.personId} = ${personId} and ${membershipsTable.role} = 'owner'
        and ${membershipsTable.removedAtMs} is null)`;
    const comesIn = sql`exists (select 1 from ${passkeysTable}
        where ${passkeysTable.personId} = ${personId})
      or exists (select 1 from ${signInsTable}
        where ${signInsTable.personId} = ${personId} and ${signInsTable.expiresAtMs} > ${nowMs}::bigint)`;
    // In what is selected from one table drizzle names columns without their table, unless wrapped.
    const hasWayIn = sql<boolean>`(${comesIn})`;
    return this.#all('people', keeperRowSchema, (database) =>
      database
        .select({ person: peopleTable, hasWayIn })
        .from(peopleTable)
        .where(or(eq(founder, true), owns))
        .orderBy(asc(createdAtMs), asc(personId)),
    );
  }

  studioBySlug(slug: string): Promise<StudioRecord | undefined> {
    return this.#studio(eq(studiosTable.slug, slug));
  }

  studio(studioId: StudioId): Promise<StudioRecord | undefined> {
    return this.#studio(eq(studiosTable.studioId, studioId));
  }

  studiosOf(personId: PersonId): Promise<{ studio: StudioRecord; role: Role }[]> {
    const { role, removedAtMs } = membershipsTable;
    return this.#all('memberships', studioOfPersonRowSchema, (database) =>
      database
        .select({ studio: studiosTable, role })
        .from(membershipsTable)
        .innerJoin(studiosTable, eq(studiosTable.studioId, membershipsTable.studioId))
        .where(and(eq(membershipsTable.personId, personId), isNull(removedAtMs)))
        .orderBy(sql`lower(${studiosTable.name}) collate "C"`, asc(studiosTable.studioId)),
    );
  }

  members(studioId: StudioId): Promise<{ person: PersonRecord; role: Role; sinceMs: number }[]> {
    const { role, sinceMs, removedAtMs } = membershipsTable;
    return this.#all('memberships', memberRowSchema, (database) =>
      database
        .select({ person: peopleTable, role, sinceMs })
        .from(membershipsTable)
        .innerJoin(peopleTable, eq(peopleTable.personId, membershipsTable.personId))
        .where(and(eq(membershipsTable.studioId, studioId), isNull(removedAtMs)))
        .orderBy(asc(sinceMs), asc(peopleTable.personId)),
    );
  }

  membership(studioId: StudioId, personId: PersonId): Promise<MembershipRecord | undefined> {
    return this.#one('memberships', membershipRowSchema, (database) =>
      database
        .select()
        .from(membershipsTable)
        .where(
          and(eq(membershipsTable.studioId, studioId), eq(membershipsTable.personId, personId)),
        ),
    );
  }

  code(codeHash: string): Promise<CodeRecord | undefined> {
    return this.#one('one_time_codes', codeRowSchema, (database) =>
      database.select().from(codesTable).where(eq(codesTable.codeHash, codeHash)),
    );
  }

  openInvitations(studioId: StudioId, nowMs: number): Promise<CodeRecord[]> {
    const { purpose, usedAtMs, expiresAtMs, createdAtMs, codeId } = codesTable;
    return this.#all('one_time_codes', codeRowSchema, (database) =>
      database
        .select()
        .from(codesTable)
        .where(
          and(
            eq(codesTable.studioId, studioId),
            eq(purpose, 'invitation'),
            isNull(usedAtMs),
            gt(expiresAtMs, nowMs),
          ),
        )
        .orderBy(desc(createdAtMs), desc(codeId)),
    );
  }

  passkey(credentialId: string): Promise<PasskeyRecord | undefined> {
    return this.#one('passkeys', passkeyRowSchema, (database) =>
      database.select().from(passkeysTable).where(eq(passkeysTable.credentialId, credentialId)),
    );
  }

  passkeysOf(personId: PersonId): Promise<PasskeyRecord[]> {
    return this.#all('passkeys', passkeyRowSchema, (database) =>
      database
        .select()
        .from(passkeysTable)
        .where(eq(passkeysTable.personId, personId))
        .orderBy(asc(passkeysTable.createdAtMs), asc(passkeysTable.credentialId)),
    );
  }

  signIn(secretHash: string): Promise<SignInRecord | undefined> {
    return this.#one('sign_ins', signInRowSchema, (database) =>
      database.select().from(signInsTable).where(eq(signInsTable.secretHash, secretHash)),
    );
  }

  accessToken(tokenHash: string): Promise<AccessTokenRecord | undefined> {
    return this.#one('access_tokens', accessTokenRowSchema, (database) =>
      database.select().from(accessTokensTable).where(eq(accessTokensTable.tokenHash, tokenHash)),
    );
  }

  accessTokens(studioId: StudioId): Promise<AccessTokenRecord[]> {
    const { createdAtMs, tokenId, revokedAtMs } = accessTokensTable;
    return this.#all('access_tokens', accessTokenRowSchema, (database) =>
      database
        .select()
        .from(accessTokensTable)
        .where(and(eq(accessTokensTable.studioId, studioId), isNull(revokedAtMs)))
        .orderBy(desc(createdAtMs), desc(tokenId)),
    );
  }

  audit(
    subject: AuditSubject,
    { beforeId, kinds, limit }: AuditPage,
  ): Promise<(AuditRecord & { entryId: number })[]> {
    const { entryId, studioId, actorId, action } = auditTable;
    const about =
      'studioId' in subject
        ? eq(studioId, subject.studioId)
        : and(isNull(studioId), eq(actorId, subject.accountOf));
    const before = beforeId === undefined ? undefined : lt(entryId, beforeId);
    const ofKind = kinds && or(...kinds.map((kind) => like(action, `${kind}.%`)));
    return this.#all('audit_log', auditRowSchema, (database) =>
      database
        .select()
        .from(auditTable)
        .where(and(about, before, ofKind))
        .orderBy(desc(entryId))
        .limit(limit),
    );
  }

  #studio(where: SQL): Promise<StudioRecord | undefined> {
    return this.#one('studios', studioRowSchema, (database) =>
      database.select().from(studiosTable).where(where),
    );
  }

  async #all<T>(
    table: string,
    schema: z.ZodType<T>,
    statement: (database: SqlDatabase) => PromiseLike<readonly unknown[]>,
  ): Promise<T[]> {
    return this.access.read(table, schema, await this.access.ask(statement));
  }

  async #one<T>(
    table: string,
    schema: z.ZodType<T>,
    statement: (database: SqlDatabase) => PromiseLike<readonly unknown[]>,
  ): Promise<T | undefined> {
    return (await this.#all(table, schema, statement))[0];
  }
}
