import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentDigest, readContentDigest } from '../../protocol/content-digest.ts';

describe('a Content-Digest header', () => {
  it('is as the example of RFC 9530 has it', () => {
    const sha256 = createHash('sha256').update('{"hello": "world"}\n').digest('hex');
    expect(contentDigest(sha256)).toBe('sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:');
  });

  it('gives back every digest', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const sha256 = Buffer.from(bytes).toString('hex');
        expect(readContentDigest(contentDigest(sha256))).toBe(sha256);
      }),
    );
  });

  it.each([
    undefined,
    null,
    '',
    'sha-256=RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=',
    'sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabD=:',
    'sha-512=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:',
  ])('that is none, or another, says nothing: %s', (header) => {
    expect(readContentDigest(header)).toBeUndefined();
  });
});
