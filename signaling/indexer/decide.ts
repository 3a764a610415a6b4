import type { ContainerId } from '../../protocol/ids.ts';
import type {
  PairingDecision,
  RankedContainer,
  Rejection,
} from '../../protocol/pairing-decision.ts';
import type { Candidate } from './candidate.ts';
import type { ContainerIndex } from './container-index.ts';
import { Examination } from './examination.ts';
import type { Holders } from './holders.ts';
import { PARAMETERS } from './parameters.ts';
import { walkRegions } from './region-walk.ts';
import { headroomMs, priceMs, qualityMs, warmthMs } from './score.ts';
import type { Contender } from './shortlist.ts';
import type { Ticket } from './ticket.ts';

/** Why a ticket got no container; `no-container` where there is none at all. */
export type PairingProblem = Rejection | 'no-container';

export interface Pairing {
  /** Undefined where no container fits now. */
  readonly chosen: ContainerId | undefined;
  readonly decision: PairingDecision;
  /** Where none was chosen: the one reason most useful to the player. */
  readonly problem?: PairingProblem;
}

/** How much a decision looks at. It changes what a decision costs, never what is decided. */
export interface Effort {
  /** Of a game with no more holders than this, all are looked at: they stand side by side. */
  readonly holders: number;
  /** The walk leaps from container to container, and gives up after so many looks at one. */
  readonly walked: number;
}

/**
 * A few hundred containers in line take about as long as a walk that goes well, and a walk that goes
 * badly is a small part of what follows it.
 */
const EFFORT: Effort = { holders: 256, walked: 1_024 };

/**
 * By use to a player: first what waiting cures, then what the player can change, last what only an
 * operator can. A game that is missing on some containers is no reason where others have it.
 */
const BY_USE: readonly Rejection[] = [
  'full',
  'too-far',
  'refused',
  'not-on-standby',
  'too-dear',
  'too-small',
  'no-gpu',
  'no-common-codec',
];

/**
 * Chooses the container for a ticket. The same containers, ticket and usual click to photon give the
 * same decision, in whatever order the index came to know them.
 *
 * Of the counts of rejections, `not-on-standby` and `game-missing` (on standby, without the game) are
 * those of the whole pool, always. The others are of all containers on standby with the game where
 * none was chosen; else of those that were met before the best were certain.
 */
export function decide(index: ContainerIndex, ticket: Ticket, effort = EFFORT): Pairing {
  const examination = new Examination(index, ticket);
  const holders = index.holders(ticket.gameId);
  let hopeful = false;
  if (holders) {
    const walked =
      holders.size > effort.holders &&
      walkRegions(index, holders, examination, effort.walked) &&
      examination.shortlist.contenders.length > 0;
    if (!walked) hopeful = lookAtAll(index, holders, examination);
  }
  examination.count('not-on-standby', index.size - index.onStandby);
  examination.count('game-missing', index.onStandby - (holders?.onStandby ?? 0));
  const ranked = examination.shortlist.contenders.map((one) => describe(index, one));
  const decision: PairingDecision = {
    parametersVersion: PARAMETERS.version,
    seed: ticket.seed,
    waitedMs: ticket.waitedMs,
    latencyLimitMs: examination.limitMs,
    considered: index.size,
    rejected: Object.fromEntries(examination.rejections()),
    ranked,
  };
  const chosen = ranked[0]?.containerId;
  if (chosen !== undefined) return { chosen, decision };
  return { chosen, decision, problem: problemOf(index, holders, examination, hopeful) };
}

/**
 * Examines every holder of a game.
 * @returns whether none fits, but one that is busy or joining would.
 */
function lookAtAll(index: ContainerIndex, holders: Holders, examination: Examination): boolean {
  const { table } = index;
  const { shortlist } = examination;
  examination.startOver();
  let hopeful = false;
  for (let place = 0; place < holders.size; place++) {
    const row = holders.row(place);
    const offer = holders.offer(place);
    if (!offer) continue;
    if (table.isOnStandby(row)) {
      const isLate =
        shortlist.isFull && !shortlist.admits(row, examination.scoreMs(row, offer.warm));
      if (!isLate) examination.examine(row, offer);
    } else if (!hopeful && shortlist.contenders.length === 0) {
      hopeful = examination.mayTakeLater(row, offer);
    }
  }
  return hopeful && shortlist.contenders.length === 0;
}

function problemOf(
  index: ContainerIndex,
  holders: Holders | undefined,
  examination: Examination,
  hopeful: boolean,
): PairingProblem {
  if (index.size === 0) return 'no-container';
  if (!holders) return 'game-missing';
  const applies = (rejection: Rejection) =>
    rejection === 'not-on-standby' ? hopeful : examination.rejected(rejection) > 0;
  // Where every holder is draining or in quarantine, nothing else applies.
  return BY_USE.find(applies) ?? 'not-on-standby';
}

function describe(index: ContainerIndex, contender: Contender): RankedContainer {
  const { row, scoreMs, pathMs, pathSource, offer } = contender;
  const candidate: Candidate = index.table.candidate(row);
  return {
    containerId: candidate.containerId,
    name: candidate.name,
    region: candidate.region,
    scoreMs,
    terms: {
      path: pathMs,
      quality: qualityMs(candidate.quality, index.usualClickToPhotonMs),
      headroom: headroomMs(candidate),
      warmth: warmthMs(offer.warm),
      price: priceMs(candidate.pricePerHour),
    },
    pathSource,
  };
}
