import { RockpoolError } from '../protocol/errors.ts';
import type { ContainerId, GameId } from '../protocol/ids.ts';
import type { VideoCodec } from '../protocol/stream-settings.ts';

/** A connected container as pairing sees it. */
export interface Candidate {
  readonly containerId: ContainerId;
  /** False while it is draining or has not said yet that it takes sessions. */
  readonly standby: boolean;
  readonly freeSlots: number;
  readonly games: ReadonlySet<GameId>;
  readonly codecs: ReadonlySet<VideoCodec>;
  /** Smallest recent round trip, milliseconds; undefined before the first measurement. */
  readonly roundTripMs: number | undefined;
}

export interface PairingRequest {
  readonly gameId: GameId;
  readonly codecs: readonly VideoCodec[];
}

/**
 * The container that shall run a new session: of those on standby with a free slot, the game and a
 * codec in common, the one with the lowest round trip; one not measured yet comes last.
 * @throws RockpoolError `unknown-game`, `no-common-codec` or `no-free-slot`, worded for a player.
 */
export function choose(candidates: readonly Candidate[], request: PairingRequest): ContainerId {
  if (candidates.length === 0) {
    throw new RockpoolError(
      'no-free-slot',
      'No machine that runs games is connected right now. Try again in a moment.',
    );
  }
  const withGame = candidates.filter((candidate) => candidate.games.has(request.gameId));
  if (withGame.length === 0) {
    throw new RockpoolError('unknown-game', `There is no game called "${request.gameId}" here.`);
  }
  const playable = withGame.filter((candidate) =>
    request.codecs.some((codec) => candidate.codecs.has(codec)),
  );
  if (playable.length === 0) {
    throw new RockpoolError(
      'no-common-codec',
      'This browser cannot show the video this game is sent as. Try a current Chrome, Edge, Safari or Firefox.',
    );
  }
  const best = playable
    .filter((candidate) => candidate.standby && candidate.freeSlots > 0)
    .sort(byPreference)[0];
  if (best === undefined) {
    throw new RockpoolError(
      'no-free-slot',
      'Every place for this game is taken right now. Try again in a few minutes.',
    );
  }
  return best.containerId;
}

function byPreference(a: Candidate, b: Candidate): number {
  const aMs = a.roundTripMs ?? Number.POSITIVE_INFINITY;
  const bMs = b.roundTripMs ?? Number.POSITIVE_INFINITY;
  if (aMs !== bMs) return aMs - bMs;
  return b.freeSlots - a.freeSlots;
}
