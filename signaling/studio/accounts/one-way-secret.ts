import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits, base64url: 43 characters. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * SHA-256, hexadecimal: what is kept of a secret. Secrets made here are too long to be guessed, so
 * neither salt nor a slow hash would add anything, and looking one up by its digest tells nothing by
 * the time it takes.
 */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Takes the same time wherever the two differ; digests make the lengths equal. */
export function isSameSecret(offered: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(offered), digest(expected));
}

/** Crockford's base 32: no I, L, O or U to be mistaken for something else. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_LENGTH = 25;
const GROUP_LENGTH = 5;

/** 125 random bits that a person can type: five groups of five characters. */
export function newCode(): string {
  const characters = [...randomBytes(CODE_LENGTH)].map((byte) => ALPHABET.charAt(byte % 32));
  return groups(characters.join(''));
}

/**
 * A code as it was printed, from what somebody typed or pasted: a whole link, other dashes, lower case,
 * letters that look like digits. Undefined where it cannot be one.
 */
export function readCode(typed: string): string | undefined {
  const text = (typed.split('#').at(-1) ?? '')
    .toUpperCase()
    .replace(/[\s\p{Pd}]/gu, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  const isCode =
    text.length === CODE_LENGTH && [...text].every((character) => ALPHABET.includes(character));
  return isCode ? groups(text) : undefined;
}

function groups(text: string): string {
  return (text.match(new RegExp(`.{${GROUP_LENGTH}}`, 'g')) ?? []).join('-');
}
