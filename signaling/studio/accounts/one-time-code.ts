import { randomUUID } from 'node:crypto';
import type { CodeRecord, StudioRecords } from '../../store/studio-store.ts';
import { digestOf, newCode } from './one-way-secret.ts';

const HOUR_MS = 60 * 60 * 1000;
/** A code that is printed is used the same day. */
export const SIGN_IN_CODE_LIFETIME_MS = 24 * HOUR_MS;
/** An invitation waits in somebody's mail. */
export const INVITATION_LIFETIME_MS = 7 * 24 * HOUR_MS;

export interface IssuedCode {
  readonly code: string;
  readonly expiresAtMs: number;
}

/** What a code is for, in the terms of the store. */
export type CodePurpose = Pick<CodeRecord, 'purpose'> &
  Partial<Pick<CodeRecord, 'personId' | 'studioId' | 'role'>>;

/** Makes a code and remembers its digest. */
export async function issueCode(
  records: StudioRecords,
  purpose: CodePurpose,
  nowMs: number,
): Promise<IssuedCode> {
  const code = newCode();
  const lifetimeMs =
    purpose.purpose === 'invitation' ? INVITATION_LIFETIME_MS : SIGN_IN_CODE_LIFETIME_MS;
  const expiresAtMs = nowMs + lifetimeMs;
  await records.addCode({
    personId: undefined,
    studioId: undefined,
    role: undefined,
    ...purpose,
    codeId: randomUUID(),
    codeHash: digestOf(code),
    createdAtMs: nowMs,
    expiresAtMs,
    usedAtMs: undefined,
  });
  return { code, expiresAtMs };
}
