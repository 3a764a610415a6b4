import type { Guest, GuestRights, GuestSeat } from '../../protocol/guest-messages.ts';

export function seatWords(player: GuestSeat): string {
  return player === null ? 'Watch' : `Player ${player}`;
}

/** What a guest may do, as it is said of them. */
export function standingWords(player: GuestSeat, rights: GuestRights): string {
  if (player === null) return 'watches';
  switch (rights) {
    case 'none':
      return `player ${player}, hands off`;
    case 'pad':
      return `player ${player}, gamepad`;
    case 'all':
      return `player ${player}, keyboard, mouse and gamepad`;
  }
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
