import { CAPACITY_PARTS } from '../../protocol/capacity.ts';
import type { Candidate, OfferedGame } from './candidate.ts';
import { PARAMETERS } from './parameters.ts';

/*
 * A score is ((path + standing) + warmth), and a standing ((quality + headroom) + price), added in
 * this order everywhere: the same sum in another order differs in its last bit, and ties with it.
 */

type Standing = Pick<Candidate, 'quality' | 'capacity' | 'free' | 'slots' | 'freeSlots'> &
  Pick<Candidate, 'pricePerHour'>;

/** The terms that depend on the container alone, milliseconds; their sum is its standing. */
export function standingMs(candidate: Standing, usualClickToPhotonMs: number): number {
  const account = accountOf(candidate.quality);
  return sumMs(account, usualClickToPhotonMs, headroomMs(candidate), candidate.pricePerHour);
}

/** {@link standingMs} of what is known of its parts. */
export function sumMs(
  account: QualityAccount,
  usualClickToPhotonMs: number,
  headroom: number,
  pricePerHour: number,
): number {
  return accountMs(account, usualClickToPhotonMs) + headroom + priceMs(pricePerHour);
}

/** What recent sessions say, weighed by how many they are. */
export interface QualityAccount {
  readonly clickToPhotonP95Ms: number;
  /** 0 to 1. */
  readonly believed: number;
  readonly failingMs: number;
}

export function accountOf(quality: Candidate['quality']): QualityAccount {
  if (!quality || quality.sessions <= 0) {
    return { clickToPhotonP95Ms: 0, believed: 0, failingMs: 0 };
  }
  const { clickToPhotonP95Ms, sessions, failures } = quality;
  const believed = sessions / (sessions + PARAMETERS.believedAtSessions);
  const failingMs = Math.min(1, failures / sessions) * PARAMETERS.failureMs;
  return { clickToPhotonP95Ms, believed, failingMs };
}

function accountMs(account: QualityAccount, usualClickToPhotonMs: number): number {
  const { clickToPhotonP95Ms, believed, failingMs } = account;
  return believed * (Math.max(0, clickToPhotonP95Ms - usualClickToPhotonMs) + failingMs);
}

/**
 * How much later than usual its pictures came, and how often it failed. With few sessions both are
 * taken for chance. Faster than usual earns nothing: that is its players' way, not the container's.
 */
export function qualityMs(quality: Candidate['quality'], usualClickToPhotonMs: number): number {
  return accountMs(accountOf(quality), usualClickToPhotonMs);
}

/** Grows with the square of the part that is used most, slots among them. */
export function headroomMs(
  candidate: Pick<Candidate, 'capacity' | 'free' | 'slots' | 'freeSlots'>,
): number {
  const { capacity, free, slots, freeSlots } = candidate;
  let used = usedShare(slots, freeSlots);
  for (const part of CAPACITY_PARTS) used = Math.max(used, usedShare(capacity[part], free[part]));
  return PARAMETERS.fullMs * used * used;
}

/** What a machine does not have is not used up. */
function usedShare(whole: number, free: number): number {
  return whole > 0 ? Math.min(1, Math.max(0, 1 - free / whole)) : 0;
}

export function priceMs(pricePerHour: number): number {
  return PARAMETERS.msPerPriceUnit * pricePerHour;
}

export function warmthMs(warm: OfferedGame['warm']): number {
  return warm ? 0 : PARAMETERS.coldMs;
}

/** The path term where nobody knows the way from this player. */
export function unknownPathMs(roundTripMs: number | undefined): number {
  return (roundTripMs ?? PARAMETERS.assumedRoundTripMs) + PARAMETERS.unknownPathPenaltyMs;
}
