import { describe, expect, it } from 'vitest';
import { containerIdSchema, gameIdSchema } from '../../protocol/ids.ts';
import { MAX_LISTED_CONTAINERS, poolReportSchema } from '../../protocol/pool-report.ts';
import type { Candidate } from '../../signaling/indexer/candidate.ts';
import { type PoolMember, reportPool } from '../../signaling/pool-report.ts';
import { CAPACITY, candidate, OFFER } from './indexer/sample-pool.ts';

function member(number: number, overrides: Partial<Candidate> = {}): PoolMember {
  return {
    candidate: candidate(number, overrides),
    joined: { gpu: { kind: 'none', description: '' }, encoders: [] },
    joinedAtMs: 1_000 + number,
  };
}

function report(members: readonly PoolMember[], sessions: Readonly<Record<string, number>> = {}) {
  return poolReportSchema.parse(
    reportPool({
      members,
      offersOf: (id) =>
        members.find(({ candidate }) => candidate.containerId === id)?.candidate.games.values() ??
        [],
      sessionsOn: (id) => sessions[id] ?? 0,
      waiting: 3,
    }),
  );
}

describe('reportPool', () => {
  it('says that there is nothing where there is nothing', () => {
    expect(report([])).toEqual({
      totals: { containers: 0, sessions: 0, freePlaces: 0 },
      waiting: 3,
      regions: [],
    });
  });

  it('sums up by region and altogether, in the order of names', () => {
    const members = [
      member(1, { name: 'shed', region: 'south' }),
      member(2, { name: 'loft', region: 'north', freeSlots: 1 }),
      member(3, { name: 'attic', region: 'south', freeSlots: 2 }),
    ];
    const { totals, regions } = report(members, { [candidate(3).containerId]: 2 });
    expect(totals).toEqual({ containers: 3, sessions: 2, freePlaces: 7 });
    expect(regions).toMatchObject([
      { name: 'north', totals: { containers: 1, sessions: 0, freePlaces: 1 } },
      {
        name: 'south',
        totals: { containers: 2, sessions: 2, freePlaces: 6 },
        containers: [
          { name: 'attic', sessions: 2, freePlaces: 2 },
          { name: 'shed', sessions: 0, freePlaces: 4 },
        ],
      },
    ]);
  });

  it('counts free places of the game that takes least, and only where sessions are taken', () => {
    const large = { ...OFFER, needs: CAPACITY };
    const games = new Map([
      [gameIdSchema.parse('large'), large],
      [gameIdSchema.parse('small'), OFFER],
    ]);
    const freePlaces = (overrides: Partial<Candidate>) =>
      report([member(1, { games, ...overrides })]).totals.freePlaces;
    expect(freePlaces({})).toBe(4);
    expect(freePlaces({ freeSlots: 3 })).toBe(3);
    expect(freePlaces({ games: new Map([[gameIdSchema.parse('large'), large]]) })).toBe(1);
    expect(freePlaces({ games: new Map() })).toBe(0);
    for (const state of ['busy', 'draining', 'quarantined', 'joining'] as const) {
      expect(freePlaces({ state })).toBe(0);
    }
  });

  it('tells how the sessions of a container went, as far as that was measured', () => {
    const recent = (quality: Candidate['quality']) =>
      report([member(1, { quality })]).regions[0]?.containers[0]?.recent;
    expect(recent(undefined)).toBeNull();
    expect(recent({ clickToPhotonP95Ms: 0, sessions: 2, failures: 1 })).toEqual({
      sessions: 2,
      clickToPhotonP95Ms: null,
    });
    expect(recent({ clickToPhotonP95Ms: 48.5, sessions: 7, failures: 0 })).toEqual({
      sessions: 7,
      clickToPhotonP95Ms: 48.5,
    });
  });

  it('lists a large pool in part, each region with those there for longest, and sums up all', () => {
    const members = [
      ...Array.from({ length: 900 }, (_, i) => member(i, { region: 'large' })),
      ...Array.from({ length: 10 }, (_, i) => member(1000 + i, { region: 'tiny' })),
    ];
    const { totals, regions } = report(members);
    expect(totals.containers).toBe(910);
    expect(regions.map(({ totals, containers }) => [totals.containers, containers.length])).toEqual(
      [
        [900, MAX_LISTED_CONTAINERS - 10],
        [10, 10],
      ],
    );
    const longest = Math.max(...(regions[0]?.containers ?? []).map(({ joinedAtMs }) => joinedAtMs));
    expect(longest).toBe(1_000 + MAX_LISTED_CONTAINERS - 11);
  });

  it('tells nobody an id', () => {
    const text = JSON.stringify(report([member(1)], { [candidate(1).containerId]: 1 }));
    expect(containerIdSchema.safeParse(candidate(1).containerId).success).toBe(true);
    expect(text).not.toContain(candidate(1).containerId);
  });
});
