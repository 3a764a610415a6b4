import { describe, expect, it } from 'vitest';
import {
  arrivals,
  inviteAddress,
  linkWords,
  presenceWords,
  rightsWords,
  seatWords,
} from '../../../client/pages/share-words.ts';
import { type GuestId, guestIdSchema } from '../../../protocol/ids.ts';

const id = (n: number): GuestId => guestIdSchema.parse(`7f8de6a3-3c6d-4a52-9d3c-0d6f2f6f5a1${n}`);
const guest = (number: number, state: 'connecting' | 'here' | 'away' = 'here') => ({
  ...{ guestId: id(number), number, state },
});

describe('share words', () => {
  it('say what a link and a guest are for', () => {
    expect(seatWords(null)).toBe('Watch');
    expect(seatWords(3)).toBe('Player 3');
    expect(linkWords(null, 'none')).toBe('to watch');
    expect(linkWords(2, 'pad')).toBe('to play as player 2, gamepad only');
    expect(rightsWords('none')).toBe('Nothing');
  });

  it('say how it goes for a guest', () => {
    expect(presenceWords({ state: 'connecting', network: null })).toBe('coming in');
    expect(presenceWords({ state: 'away', network: 'good' })).toBe('connection lost');
    expect(presenceWords({ state: 'here', network: 'poor' })).toBe('network too slow');
  });

  it('tell of those who came once they are here, and of those who went', () => {
    expect(arrivals([], [guest(1, 'connecting')])).toBeUndefined();
    expect(arrivals([guest(1, 'connecting')], [guest(1)])).toBe('Guest 1 joined.');
    expect(arrivals([guest(1)], [guest(1, 'away')])).toBeUndefined();
    expect(arrivals([guest(1), guest(2)], [guest(2)])).toBe('Guest 1 left.');
    expect(arrivals([], [guest(1), guest(2)])).toBe('Guest 1 and Guest 2 joined.');
    expect(arrivals([guest(1, 'connecting')], [])).toBeUndefined();
  });

  it('make an address of a token', () => {
    expect(inviteAddress('https://play.example', 'a.b.c')).toBe('https://play.example/join/a.b.c');
  });
});
