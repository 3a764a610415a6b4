import type { JoinRequest } from '../protocol/container-messages.ts';
import type { ContainerId } from '../protocol/ids.ts';
import {
  MAX_LISTED_CONTAINERS,
  type PooledContainer,
  type PooledRegion,
  type PoolReport,
  type PoolTotals,
} from '../protocol/pool-report.ts';
import { placesLeft } from './game-library.ts';
import type { Candidate, OfferedGame } from './indexer/candidate.ts';
import { byCodeUnit } from './text-order.ts';

/** A container that is joined, as much of it as the pool tells. */
export interface PoolMember {
  readonly candidate: Candidate;
  readonly joined: Pick<JoinRequest, 'gpu' | 'encoders'>;
  /** Epoch milliseconds. */
  readonly joinedAtMs: number;
}

export interface PoolSources {
  readonly members: Iterable<PoolMember>;
  /** All that a container offers. */
  readonly offersOf: (containerId: ContainerId) => Iterable<Pick<OfferedGame, 'needs'>>;
  /** Sessions played on a container now. */
  readonly sessionsOn: (containerId: ContainerId) => number;
  /** Players in the line. */
  readonly waiting: number;
}

type Totals = { -readonly [K in keyof PoolTotals]: PoolTotals[K] };

interface Region {
  readonly name: string;
  readonly totals: Totals;
  readonly members: PoolMember[];
}

/**
 * Sums the pool up. Where it is large, every region has some of its containers listed: those that are
 * there for longest, as the members come.
 */
export function reportPool(sources: PoolSources): PoolReport {
  const { members, sessionsOn, waiting } = sources;
  const totals = noTotals();
  const regions = new Map<string, Region>();
  for (const member of members) {
    const { candidate } = member;
    const { region: name, containerId } = candidate;
    const region = regions.get(name) ?? { name, totals: noTotals(), members: [] };
    regions.set(name, region);
    region.members.push(member);
    const sessions = sessionsOn(containerId);
    const freePlaces = freePlacesOf(candidate, sources);
    for (const sum of [totals, region.totals]) {
      sum.containers++;
      sum.sessions += sessions;
      sum.freePlaces += freePlaces;
    }
  }
  const sorted = [...regions.values()].sort((a, b) => byCodeUnit(a.name, b.name));
  const shares = sharesOf(sorted.map((region) => region.members.length));
  return {
    totals,
    waiting,
    regions: sorted.flatMap(({ name, totals, members }, index): PooledRegion[] => {
      const listed = members.slice(0, shares[index]).sort(byName);
      if (listed.length === 0) return [];
      const containers = listed.map((member) => describe(member, sources));
      return [{ name, totals, containers }];
    }),
  };
}

function noTotals(): Totals {
  return { containers: 0, sessions: 0, freePlaces: 0 };
}

/** How many of each region's containers are listed: as evenly as their numbers allow. */
function sharesOf(sizes: readonly number[]): readonly number[] {
  const shares = sizes.map(() => 0);
  let left = MAX_LISTED_CONTAINERS;
  for (let round = 0; left > 0; round++) {
    let given = false;
    for (const [index, size] of sizes.entries()) {
      if (left === 0 || size <= round) continue;
      shares[index] = round + 1;
      left--;
      given = true;
    }
    if (!given) break;
  }
  return shares;
}

/** Sessions it still takes, if all are of the game that takes least. */
function freePlacesOf(candidate: Candidate, { offersOf }: Pick<PoolSources, 'offersOf'>): number {
  if (candidate.state !== 'standby') return 0;
  let most = 0;
  for (const { needs } of offersOf(candidate.containerId)) {
    most = Math.max(most, placesLeft(candidate, needs));
    if (most === candidate.freeSlots) break;
  }
  return most;
}

function describe(
  { candidate, joined, joinedAtMs }: PoolMember,
  sources: PoolSources,
): PooledContainer {
  const { containerId, name, state, pricePerHour, quality } = candidate;
  const recent = quality && {
    sessions: quality.sessions,
    clickToPhotonP95Ms: quality.clickToPhotonP95Ms > 0 ? quality.clickToPhotonP95Ms : null,
  };
  return {
    name,
    state,
    gpu: joined.gpu,
    encoders: joined.encoders,
    sessions: sources.sessionsOn(containerId),
    freePlaces: freePlacesOf(candidate, sources),
    pricePerHour,
    joinedAtMs,
    recent: recent ?? null,
  };
}

function byName({ candidate: a }: PoolMember, { candidate: b }: PoolMember): number {
  return byCodeUnit(a.name, b.name) || byCodeUnit(a.containerId, b.containerId);
}
