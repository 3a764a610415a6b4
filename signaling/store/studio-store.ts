import type { PersonId, Role, Scope, StudioId } from '../../protocol/studio-access.ts';
import type { GameReads, GameRecords } from './game-store.ts';

export interface PersonRecord {
  readonly personId: PersonId;
  readonly name: string;
  /** Whether the operator let them in to begin studios. */
  readonly founder: boolean;
  readonly createdAtMs: number;
}

export interface StudioRecord {
  readonly studioId: StudioId;
  readonly slug: string;
  readonly name: string;
  readonly createdAtMs: number;
}

export interface MembershipRecord {
  readonly studioId: StudioId;
  readonly personId: PersonId;
  readonly role: Role;
  readonly sinceMs: number;
  /** Undefined while they are a member. */
  readonly removedAtMs: number | undefined;
}

export const CODE_PURPOSES = ['found', 'sign-in', 'invitation'] as const;

/** A one-time code: the secret itself is nowhere kept. */
export interface CodeRecord {
  readonly codeId: string;
  /** SHA-256, hexadecimal. */
  readonly codeHash: string;
  readonly purpose: (typeof CODE_PURPOSES)[number];
  /** Whom it lets in, where it is to sign in. */
  readonly personId: PersonId | undefined;
  /** Where it leads as an invitation, and as what. */
  readonly studioId: StudioId | undefined;
  readonly role: Role | undefined;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly usedAtMs: number | undefined;
}

export interface PasskeyRecord {
  /** The authenticator's own id, base64url. */
  readonly credentialId: string;
  readonly personId: PersonId;
  readonly name: string;
  /** COSE, base64url. */
  readonly publicKey: string;
  /** Signatures made so far, as the authenticator counts them; 0 where it does not. */
  readonly counter: number;
  readonly transports: readonly string[];
  /** The host it was made for, and works at. */
  readonly rpId: string;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | undefined;
}

/** What a browser is to sign, once. */
export interface ChallengeRecord {
  readonly challenge: string;
  readonly purpose: 'register' | 'sign-in';
  /** Who registers. */
  readonly personId: PersonId | undefined;
  readonly expiresAtMs: number;
}

/** A browser that is signed in. */
export interface SignInRecord {
  /** SHA-256 of what its cookie holds, hexadecimal. */
  readonly secretHash: string;
  readonly personId: PersonId;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

export interface AccessTokenRecord {
  readonly tokenId: string;
  /** SHA-256, hexadecimal. */
  readonly tokenHash: string;
  readonly personId: PersonId;
  /** The one studio it is for. */
  readonly studioId: StudioId;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAtMs: number;
  readonly expiresAtMs: number | undefined;
  readonly lastUsedAtMs: number | undefined;
  readonly revokedAtMs: number | undefined;
}

export const AUDIT_VIAS = ['session', 'token', 'code', 'operator'] as const;

/** A line of the log; written with the change it tells of, or not at all. */
export interface AuditRecord {
  readonly atMs: number;
  /** Undefined: it concerns its actor's own account. */
  readonly studioId: StudioId | undefined;
  /** Undefined: the operator of this Rockpool. */
  readonly actorId: PersonId | undefined;
  /** As they were called then. */
  readonly actorName: string;
  readonly via: (typeof AUDIT_VIAS)[number];
  /** Such as `member.removed`. */
  readonly action: string;
  readonly target: string;
  readonly detail: string;
  readonly address: string;
}

export interface AuditPage {
  /** Entries older than this one. */
  readonly beforeId?: number | undefined;
  /** What the action begins with, up to its dot; undefined: any. */
  readonly kinds?: readonly string[] | undefined;
  readonly limit: number;
}

export type AuditSubject = { readonly studioId: StudioId } | { readonly accountOf: PersonId };

/** What is known. */
export interface StudioReads {
  /** Of its games, their builds and releases. */
  readonly games: GameReads;

  person(personId: PersonId): Promise<PersonRecord | undefined>;
  /** Whatever the case of the letters. */
  peopleNamed(name: string): Promise<PersonRecord[]>;
  /**
   * Founders, and all who own a studio, by when they came; and whether each can come in again: with a
   * passkey, or a browser that is signed in at that moment.
   */
  keepers(nowMs: number): Promise<{ readonly person: PersonRecord; readonly hasWayIn: boolean }[]>;

  studioBySlug(slug: string): Promise<StudioRecord | undefined>;
  studio(studioId: StudioId): Promise<StudioRecord | undefined>;
  /** By name; not those one was removed from. */
  studiosOf(personId: PersonId): Promise<{ readonly studio: StudioRecord; readonly role: Role }[]>;
  /** Members now, by when they came. */
  members(
    studioId: StudioId,
  ): Promise<{ readonly person: PersonRecord; readonly role: Role; readonly sinceMs: number }[]>;
  /** Also a removed one. */
  membership(studioId: StudioId, personId: PersonId): Promise<MembershipRecord | undefined>;

  code(codeHash: string): Promise<CodeRecord | undefined>;
  /** Unused and not expired, the newest first. */
  openInvitations(studioId: StudioId, nowMs: number): Promise<CodeRecord[]>;

  passkey(credentialId: string): Promise<PasskeyRecord | undefined>;
  /** The oldest first. */
  passkeysOf(personId: PersonId): Promise<PasskeyRecord[]>;

  signIn(secretHash: string): Promise<SignInRecord | undefined>;

  accessToken(tokenHash: string): Promise<AccessTokenRecord | undefined>;
  /** Those not revoked, the newest first. */
  accessTokens(studioId: StudioId): Promise<AccessTokenRecord[]>;

  /** The newest first. */
  audit(
    subject: AuditSubject,
    page: AuditPage,
  ): Promise<(AuditRecord & { readonly entryId: number })[]>;
}

/** What is known and can be changed, inside a transaction. */
export interface StudioRecords extends StudioReads {
  readonly games: GameRecords;

  addPerson(record: PersonRecord): Promise<void>;
  /** Until the transaction ends nobody else changes how this person comes in. */
  lockPerson(personId: PersonId): Promise<void>;

  /** False where the slug is taken. */
  addStudio(record: StudioRecord): Promise<boolean>;
  renameStudio(studioId: StudioId, name: string): Promise<void>;
  /** Until the transaction ends nobody else changes who is in this studio. */
  lockStudio(studioId: StudioId): Promise<void>;
  /** Takes the place of what was known of this person in this studio. */
  putMembership(record: MembershipRecord): Promise<void>;

  addCode(record: CodeRecord): Promise<void>;
  /** The code, as it was, where it is unused and not expired; of several callers one gets it. */
  useCode(codeHash: string, nowMs: number): Promise<CodeRecord | undefined>;
  /** Forgets unused codes of this purpose. */
  dropCodes(purpose: CodeRecord['purpose']): Promise<void>;
  /** False where there is no such open invitation of this studio. */
  dropInvitation(studioId: StudioId, codeId: string): Promise<boolean>;

  /** False where this authenticator's passkey is known already. */
  addPasskey(record: PasskeyRecord): Promise<boolean>;
  renamePasskey(credentialId: string, name: string): Promise<void>;
  removePasskey(credentialId: string): Promise<void>;
  /** False where it has been used since it was read. */
  usePasskey(record: PasskeyRecord, counter: number, nowMs: number): Promise<boolean>;

  addChallenge(record: ChallengeRecord): Promise<void>;
  /** The challenge where it has not expired; it is gone then, whoever asks again. */
  takeChallenge(challenge: string, nowMs: number): Promise<ChallengeRecord | undefined>;

  addSignIn(record: SignInRecord): Promise<void>;
  removeSignIn(secretHash: string): Promise<void>;
  removeSignInsOf(personId: PersonId): Promise<void>;

  addAccessToken(record: AccessTokenRecord): Promise<void>;
  /** False where it is revoked already. */
  revokeAccessToken(tokenId: string, nowMs: number): Promise<boolean>;
  touchAccessToken(tokenId: string, nowMs: number): Promise<void>;

  appendAudit(record: AuditRecord): Promise<void>;

  /** Forgets sign-ins and challenges that have expired, and codes that expired before `codesBeforeMs`. */
  forgetExpired(nowMs: number, codesBeforeMs: number): Promise<void>;
}

/**
 * What is remembered of studios and their people: beside {@link Store}, in the same database, with the
 * same promises about times, texts and errors.
 */
export interface StudioStore extends StudioReads {
  /**
   * All that `work` changes, or nothing where it rejects. What others have not finished is not seen.
   * Inside, the records given are to be used, not this store.
   */
  transact<T>(work: (records: StudioRecords) => Promise<T>): Promise<T>;
}
