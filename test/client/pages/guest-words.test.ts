import { describe, expect, it } from 'vitest';
import {
  guestEndMessage,
  guestTrouble,
  ownStandingWords,
} from '../../../client/pages/guest-words.ts';
import { endReasonSchema } from '../../../protocol/session-state.ts';

const STANDING = { player: 2, rights: 'pad', waiting: false, behind: false } as const;

describe('guest words', () => {
  it('have a page for every end, and none that starts a game of the guest’s own', () => {
    for (const reason of endReasonSchema.options) {
      const { title, body, actionLabel, actsByItself } = guestEndMessage(reason);
      expect([title, body, actionLabel]).not.toContain('');
      expect(actsByItself).toBeUndefined();
      expect(actionLabel).not.toMatch(/restart|play/i);
    }
  });

  it('say that a new link is needed where the game moved', () => {
    expect(guestEndMessage('container-lost').body).toMatch(/new link/);
  });

  it('say what a guest may use', () => {
    expect(ownStandingWords({ ...STANDING, player: null, rights: 'none' })).toBe(
      'You are watching.',
    );
    expect(ownStandingWords(STANDING)).toMatch(/player 2.*gamepad/);
    expect(ownStandingWords({ ...STANDING, rights: 'none' })).toMatch(/may not steer/);
  });

  it('say what holds the picture up: the player first, then the network', () => {
    expect(guestTrouble(STANDING)).toBeUndefined();
    expect(guestTrouble({ ...STANDING, behind: true })).toMatch(/network/);
    expect(guestTrouble({ ...STANDING, waiting: true, behind: true })).toMatch(/waits/);
  });
});
