import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  digestOf,
  isSameSecret,
  newCode,
  newSecret,
  readCode,
} from '../../../signaling/studio/accounts/one-way-secret.ts';

describe('a one-time code', () => {
  it('is five groups of five, and never twice the same', () => {
    const codes = Array.from({ length: 200 }, newCode);
    for (const code of codes)
      expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}$/);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('is read however somebody types or pastes it', () => {
    const code = newCode();
    for (const typed of [
      code.toLowerCase(),
      ` ${code} \n`,
      code.replaceAll('-', ''),
      code.replaceAll('-', ' '),
      code.replaceAll('-', '–'),
      code.replaceAll('0', 'O').replaceAll('1', 'l'),
      `http://localhost:8080/studio#${code}`,
      `#${code}`,
    ]) {
      expect(readCode(typed)).toBe(code);
    }
  });

  it('is nothing else', () => {
    for (const typed of ['', '#', 'U'.repeat(25), newCode().slice(1), `${newCode()}0`]) {
      expect(readCode(typed)).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (typed) => {
        const code = readCode(typed);
        if (code !== undefined) expect(readCode(code)).toBe(code);
      }),
    );
  });
});

describe('a secret', () => {
  it('has 256 bits, and is compared whole', () => {
    const secret = newSecret();
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(digestOf(secret)).toMatch(/^[0-9a-f]{64}$/);
    expect(digestOf(secret)).not.toContain(secret);
    expect(isSameSecret(secret, secret)).toBe(true);
    expect(isSameSecret(secret.slice(1), secret)).toBe(false);
    expect(isSameSecret('', secret)).toBe(false);
  });
});
