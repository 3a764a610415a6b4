import type { Guest, GuestRights, GuestSeat } from '../../protocol/guest-messages.ts';

export function seatWords(player: GuestSeat): string {
  return player === null ? 'Watch' : `Player ${player}`;
}

export function rightsWords(rights: GuestRights): string {
  switch (rights) {
    case 'none':
      return 'Nothing';
    case 'pad':
      return 'Gamepad only';
    case 'all':
      return 'Keyboard too';
  }
}

/** What a link is for, as part of a sentence. */
export function linkWords(player: GuestSeat, rights: GuestRights): string {
  if (player === null) return 'to watch';
  return `to play as player ${player}, ${rightsWords(rights).toLowerCase()}`;
}

/** How it goes for a guest. */
export function presenceWords({ state, network }: Pick<Guest, 'state' | 'network'>): string {
  if (state === 'connecting') return 'coming in';
  if (state === 'away') return 'connection lost';
  switch (network) {
    case 'poor':
      return 'network too slow';
    case 'fair':
      return 'network so-so';
    default:
      return 'network good';
  }
}

/** Guests by the number they have, before and now: who came and who went. */
export function arrivals(
  before: readonly Pick<Guest, 'guestId' | 'number' | 'state'>[],
  now: readonly Pick<Guest, 'guestId' | 'number' | 'state'>[],
): string | undefined {
  const here = (guests: typeof now) => guests.filter(({ state }) => state !== 'connecting');
  const names = (guests: typeof now, others: typeof now) =>
    guests
      .filter(({ guestId }) => others.every((other) => other.guestId !== guestId))
      .map(({ number }) => `Guest ${number}`)
      .join(' and ');
  const came = names(here(now), here(before));
  if (came !== '') return `${came} joined.`;
  const gone = names(here(before), now);
  return gone === '' ? undefined : `${gone} left.`;
}

/** The address that a guest follows. */
export function inviteAddress(origin: string, token: string): string {
  return `${origin}/join/${token}`;
}
