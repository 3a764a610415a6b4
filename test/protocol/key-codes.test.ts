import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { KEY_CODES, keyCodeIndex } from '../../protocol/key-codes.ts';

/** How many codes there were when the order was pinned; later ones may only be appended. */
const PINNED = 126;

describe('key codes', () => {
  it('are unique and fit in a byte', () => {
    expect(new Set(KEY_CODES).size).toBe(KEY_CODES.length);
    expect(KEY_CODES.length).toBeLessThanOrEqual(256);
  });

  it('keep their order, which is part of the protocol', () => {
    const digest = createHash('sha256').update(KEY_CODES.slice(0, PINNED).join('\n')).digest('hex');
    expect(digest).toBe('9ce854fb07cd3103894ece342131a32312ab71fedd7e6c7e85455920f62fca2f');
  });

  it('are found by their index, and others are not', () => {
    for (const [index, code] of KEY_CODES.entries()) expect(keyCodeIndex(code)).toBe(index);
    for (const code of ['', 'keya', 'MediaPlayPause', 'constructor', '__proto__']) {
      expect(keyCodeIndex(code)).toBeUndefined();
    }
  });
});
