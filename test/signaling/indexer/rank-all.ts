import { fits } from '../../../protocol/capacity.ts';
import { MAX_RANKED, type Rejection } from '../../../protocol/pairing-decision.ts';
import { sessionNeeds } from '../../../protocol/session-needs.ts';
import type { Candidate, OfferedGame } from '../../../signaling/indexer/candidate.ts';
import { latencyLimitMs } from '../../../signaling/indexer/parameters.ts';
import { standingMs, unknownPathMs, warmthMs } from '../../../signaling/indexer/score.ts';
import type { Ticket } from '../../../signaling/indexer/ticket.ts';
import { hashOf, tieKey } from '../../../signaling/indexer/tie-break.ts';

/** What the index has to come to, found by looking at every container. */
export interface FullRanking {
  /** Best first: containers with their scores in milliseconds. */
  readonly ranked: readonly { readonly containerId: string; readonly scoreMs: number }[];
  readonly rejected: Partial<Record<Rejection, number>>;
}

export function rankAll(
  candidates: Iterable<Candidate>,
  ticket: Ticket,
  usualClickToPhotonMs: number,
): FullRanking {
  const rejected: Partial<Record<Rejection, number>> = {};
  const fitting: { containerId: string; scoreMs: number; key: number }[] = [];
  for (const candidate of candidates) {
    const game = candidate.games.get(ticket.gameId);
    const rejection = rejectionOf(candidate, game, ticket);
    if (rejection) rejected[rejection] = (rejected[rejection] ?? 0) + 1;
    if (rejection || !game) continue;
    const pathMs = pathOf(candidate, ticket) ?? unknownPathMs(candidate.roundTripMs);
    fitting.push({
      containerId: candidate.containerId,
      scoreMs: pathMs + standingMs(candidate, usualClickToPhotonMs) + warmthMs(game.warm),
      key: tieKey(ticket.seed, hashOf(candidate.containerId)),
    });
  }
  const ranked = fitting
    .sort((one, other) => one.scoreMs - other.scoreMs || one.key - other.key)
    .slice(0, MAX_RANKED)
    .map(({ containerId, scoreMs }) => ({ containerId, scoreMs }));
  return { ranked, rejected };
}

function pathOf(candidate: Candidate, ticket: Ticket): number | undefined {
  return ticket.paths.get(candidate.containerId) ?? ticket.regionPaths.get(candidate.region);
}

function rejectionOf(
  candidate: Candidate,
  game: OfferedGame | undefined,
  ticket: Ticket,
): Rejection | undefined {
  if (candidate.state !== 'standby') return 'not-on-standby';
  if (!game) return 'game-missing';
  if (!ticket.codecs.some((codec) => candidate.codecs.has(codec))) return 'no-common-codec';
  if (game.needsGpu && candidate.gpu === 'none') return 'no-gpu';
  const needs = sessionNeeds(game.needs, ticket.settings);
  if (ticket.players > game.players || !fits(needs, candidate.capacity)) return 'too-small';
  if (candidate.pricePerHour > (ticket.maxPricePerHour ?? Number.POSITIVE_INFINITY)) {
    return 'too-dear';
  }
  if ((pathOf(candidate, ticket) ?? 0) > latencyLimitMs(ticket.waitedMs)) return 'too-far';
  if (candidate.freeSlots < 1 || !fits(needs, candidate.free)) return 'full';
  return ticket.refused.has(candidate.containerId) ? 'refused' : undefined;
}
