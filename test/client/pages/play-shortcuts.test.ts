import { describe, expect, it } from 'vitest';
import { shortcutOf } from '../../../client/pages/play-shortcuts.ts';

const plain = { ctrlKey: false, altKey: false, metaKey: false };

describe('shortcutOf', () => {
  it('opens the latency overlay with F3 and with the key below Escape', () => {
    expect(shortcutOf({ ...plain, code: 'F3' })).toBe('latency');
    expect(shortcutOf({ ...plain, code: 'Backquote' })).toBe('latency');
  });

  it.each(['KeyW', 'Space', 'Escape', 'Tab', 'F5', 'toString'])('leaves %s to the game', (code) => {
    expect(shortcutOf({ ...plain, code })).toBeUndefined();
  });

  it("leaves the browser's combinations alone", () => {
    expect(shortcutOf({ ...plain, ctrlKey: true, code: 'F3' })).toBeUndefined();
  });
});
