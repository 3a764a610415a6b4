/**
 * The weights of the indexer. Everything is in milliseconds, as if it were delay between a press and
 * its picture: the unit in which a player would pay. A decision keeps the version, so that it can be
 * read years later: raise it with every change here.
 *
 * No weight may be negative: the index takes each term as a lower bound of the sum.
 */
export const PARAMETERS = {
  version: 1,

  /**
   * Path: the round trip itself, whole, because a press goes one way and its picture the other. From
   * signaling to a container is another way than the player's; the two differ by about the way from
   * player to signaling, which on a home link is 20 to 40 ms. What was measured wins against a guess.
   */
  unknownPathPenaltyMs: 40,
  /** No echo came back yet: halfway round the world is 300 ms, a random pair of places half of it. */
  assumedRoundTripMs: 150,

  /** Sessions after which half of what they showed is believed: a p95 needs 20 values to be one. */
  believedAtSessions: 20,
  /**
   * What a container costs all of whose sessions fail. One in ten failing is then as bad as 50 ms:
   * about what the next region is farther away.
   */
  failureMs: 500,
  /**
   * What is usual before any session told: the project's own p95 of 40 ms and a path of 20 ms. See
   * `ContainerIndex.refreshUsual` for what comes after.
   */
  usualClickToPhotonMs: 60,
  /** Nobody feels less, and each change files every container anew. */
  usualStepMs: 5,

  /**
   * Headroom: the fuller machine's frames wait for others' now and then, one interval at 60 Hz and
   * half as much for the encoder. By the square of the fullest part: half full costs a quarter of it.
   */
  fullMs: 25,

  /**
   * A start from cold takes about a second longer (first frame 1.5 s instead of 0.4), once. Over an
   * hour's play that is worth less than one frame interval, and a player who leaves meanwhile more.
   */
  coldMs: 15,

  /** One unit of price an hour more has to be a frame interval better, rounded. */
  msPerPriceUnit: 15,

  /**
   * How long a path may be, round trip, for a ticket that waited so long. 60 ms leave a click to
   * photon of about 100, which fast games bear; 100 and 180 are what slower ones bear; after half a
   * minute a far game is better than none. The last one refuses what is no path: nobody plays over
   * ten seconds.
   */
  latencyLimits: [
    { fromMs: 0, limitMs: 60 },
    { fromMs: 5_000, limitMs: 100 },
    { fromMs: 15_000, limitMs: 180 },
    { fromMs: 30_000, limitMs: 10_000 },
  ],
} as const;

/** The longest path a ticket takes by now, round trip, milliseconds. */
export function latencyLimitMs(waitedMs: number): number {
  const [first, ...later] = PARAMETERS.latencyLimits;
  let limitMs: number = first.limitMs;
  for (const step of later) if (waitedMs >= step.fromMs) limitMs = step.limitMs;
  return limitMs;
}
