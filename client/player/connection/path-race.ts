import type { SessionId } from '../../../protocol/ids.ts';
import { TRIAL_LIMIT_MS, type TriedPath, WORTH_MS } from '../../../protocol/path-trial.ts';

export const TRIAL_PING_INTERVAL_MS = 10;

/** Two pings that took about as long as one another met nothing on their way but the path. */
const AGREE_MS = 4;
/** Where no two agree, so many have to do: a sixth of a second. */
const MOST_PINGS = 16;

/**
 * How often a handshake crosses its path: an ICE check, two flights of DTLS, two of SCTP and the
 * opening of the channels. One more than there are makes a path look shorter than it is, and is waited
 * for in vain; one less would lose a short one.
 */
const HANDSHAKE_TRIPS = 6;

/**
 * What two machines with nothing else to do work for a handshake, keys above all, rounded up. One that
 * has more to do takes longer: twice as long as the slowest that was seen is believed to be work.
 */
const HANDSHAKE_WORK_MS = 80;

/** So much may be taken off a round trip by the pings that are still to come. */
const NOISE_MS = 20;

interface Racer {
  readonly sessionId: SessionId;
  readonly handicapMs: number;
  /** When the offer was answered: the handshake begins. */
  answeredMs: number | undefined;
  openedMs: number | undefined;
  /** Least so far. */
  roundTripMs: number | undefined;
  /** The least but one. */
  secondMs: number;
  pongs: number;
}

/**
 * Says when measuring paths is over: as soon as no path that is not measured yet could win any more by
 * enough to be felt, by what is known. Times are milliseconds of the page's clock.
 */
export class PathRace {
  readonly #limitMs: number;
  readonly #racers: Map<SessionId, Racer>;

  /** @param handicaps how much shorter each path has to be to make up for all else. */
  constructor(handicaps: ReadonlyMap<SessionId, number>, startMs: number) {
    this.#limitMs = startMs + TRIAL_LIMIT_MS;
    this.#racers = new Map(
      [...handicaps].map(([sessionId, handicapMs]) => [
        sessionId,
        {
          sessionId,
          handicapMs,
          answeredMs: undefined,
          openedMs: undefined,
          roundTripMs: undefined,
          secondMs: Number.POSITIVE_INFINITY,
          pongs: 0,
        },
      ]),
    );
  }

  /** What was measured so far. */
  get paths(): TriedPath[] {
    return [...this.#racers.values()].flatMap(({ sessionId, roundTripMs }) =>
      roundTripMs === undefined ? [] : [{ sessionId, roundTripMs }],
    );
  }

  handleAnswered(sessionId: SessionId, nowMs: number): void {
    const racer = this.#racers.get(sessionId);
    if (racer) racer.answeredMs ??= nowMs;
  }

  /** Its first ping is on its way. */
  handleOpen(sessionId: SessionId, nowMs: number): void {
    const racer = this.#racers.get(sessionId);
    if (racer) racer.openedMs ??= nowMs;
  }

  handlePong(sessionId: SessionId, roundTripMs: number): void {
    const racer = this.#racers.get(sessionId);
    if (!racer || roundTripMs < 0) return;
    racer.pongs++;
    note(racer, roundTripMs);
  }

  /** A check of the path was answered, long before its handshake is through. */
  handleCheck(sessionId: SessionId, roundTripMs: number): void {
    const racer = this.#racers.get(sessionId);
    if (racer) note(racer, roundTripMs);
  }

  /** Its container is not to be had, or there is no way to it. */
  handleGone(sessionId: SessionId): void {
    this.#racers.delete(sessionId);
  }

  /** When to look again, whatever happens until then; undefined where the race is over. */
  nextLookMs(nowMs: number): number | undefined {
    if (this.#racers.size < 2 || nowMs >= this.#limitMs) return undefined;
    const racers = [...this.#racers.values()];
    const [best, bestMs] = bestOf(racers);
    let lookMs: number | undefined;
    for (const racer of racers) {
      if (racer === best || isMeasured(racer, nowMs)) continue;
      // As long a path could not win any more.
      const uselessMs = bestMs - racer.handicapMs - WORTH_MS;
      if (this.#leastMs(racer, nowMs) >= uselessMs) continue;
      lookMs = Math.min(this.#certainMs(racer, uselessMs), lookMs ?? this.#limitMs);
    }
    // A look at the very moment would find what this one found.
    return lookMs && Math.max(lookMs, nowMs + 1);
  }

  /** The path is at least this long. */
  #leastMs(racer: Racer, nowMs: number): number {
    const { answeredMs, openedMs, roundTripMs } = racer;
    if (roundTripMs !== undefined) return Math.max(0, roundTripMs - NOISE_MS);
    if (openedMs !== undefined) return Math.max(0, nowMs - openedMs);
    if (answeredMs === undefined) return 0;
    return Math.max(0, (nowMs - answeredMs - this.#mostWorkMs) / HANDSHAKE_TRIPS);
  }

  /** When it will be certain that the path is longer than this, or measured. */
  #certainMs(racer: Racer, uselessMs: number): number {
    const { answeredMs, openedMs, roundTripMs } = racer;
    if (openedMs !== undefined) {
      return roundTripMs === undefined ? openedMs + uselessMs : settledMs(racer);
    }
    // One that has answered a check may be as near as that says: it is worth its handshake.
    if (answeredMs === undefined || roundTripMs !== undefined) return this.#limitMs;
    return answeredMs + this.#mostWorkMs + HANDSHAKE_TRIPS * uselessMs;
  }

  /** What a handshake may take beside its path. */
  get #mostWorkMs(): number {
    let workMs = HANDSHAKE_WORK_MS;
    for (const { answeredMs, openedMs, roundTripMs } of this.#racers.values()) {
      if (answeredMs === undefined || openedMs === undefined || roundTripMs === undefined) continue;
      workMs = Math.max(workMs, openedMs - answeredMs - HANDSHAKE_TRIPS * roundTripMs);
    }
    return 2 * workMs;
  }
}

/** Who would win by what is measured so far, and with what: its path is no longer than that. */
function bestOf(racers: readonly Racer[]): [Racer | undefined, number] {
  let best: Racer | undefined;
  let bestMs = Number.POSITIVE_INFINITY;
  for (const racer of racers) {
    const scoreMs = (racer.roundTripMs ?? Number.POSITIVE_INFINITY) + racer.handicapMs;
    if (scoreMs >= bestMs) continue;
    best = racer;
    bestMs = scoreMs;
  }
  return [best, bestMs];
}

function note(racer: Racer, roundTripMs: number): void {
  const leastMs = racer.roundTripMs ?? Number.POSITIVE_INFINITY;
  racer.roundTripMs = Math.min(roundTripMs, leastMs);
  racer.secondMs = Math.min(Math.max(roundTripMs, leastMs), racer.secondMs);
}

/** Whether more pings would change little. */
function isMeasured(racer: Racer, nowMs: number): boolean {
  const { openedMs, roundTripMs, secondMs, pongs } = racer;
  if (openedMs === undefined || roundTripMs === undefined) return false;
  return secondMs - roundTripMs <= AGREE_MS || pongs >= MOST_PINGS || nowMs >= settledMs(racer);
}

/** By then the last ping that is waited for has come back, or is lost. */
function settledMs({ openedMs = 0, roundTripMs = 0 }: Racer): number {
  return openedMs + MOST_PINGS * TRIAL_PING_INTERVAL_MS + 2 * roundTripMs;
}
