import { describe, expect, it } from 'vitest';
import { describeDeed, suggestPasskeyName } from '../../../client/pages/studio-words.ts';

const ENTRY = {
  entryId: 1,
  atMs: 0,
  actor: 'Ada',
  via: 'session',
  target: 'Bob',
  detail: 'viewer → owner',
  address: '',
} as const;

describe('a line of the log', () => {
  it('says what was done to whom', () => {
    expect(describeDeed({ ...ENTRY, action: 'member.role-changed' })).toBe(
      'changed the role of Bob: viewer → owner',
    );
    expect(describeDeed({ ...ENTRY, action: 'member.left' })).toBe('left the studio');
  });

  it('shows as it is what a later release has written', () => {
    expect(describeDeed({ ...ENTRY, action: 'build.painted', detail: '' })).toBe(
      'build.painted Bob',
    );
  });
});

describe('the name of a new passkey', () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0',
      'Edge on Windows',
    ],
    [
      'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36',
      'Chrome on Android',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1',
      'Safari on iOS',
    ],
    ['something else', 'Browser'],
  ])('of %s is %s', (userAgent, name) => {
    expect(suggestPasskeyName(userAgent)).toBe(name);
  });
});
