import { describe, expect, it } from 'vitest';
import { MAX_RANKED } from '../../../protocol/pairing-decision.ts';
import { DEFAULT_STREAM_SETTINGS } from '../../../protocol/stream-settings.ts';
import type { Candidate } from '../../../signaling/indexer/candidate.ts';
import { decide } from '../../../signaling/indexer/decide.ts';
import { PARAMETERS } from '../../../signaling/indexer/parameters.ts';
import type { Ticket } from '../../../signaling/indexer/ticket.ts';
import { containerId } from './random-pool.ts';
import { CAPACITY, candidate, GAME, indexOf, offering, ticket } from './sample-pool.ts';

const NONE = { pixelsPerSecond: 0, cpus: 0, memoryBytes: 0, gpuMemoryBytes: 0 };

function problemOf(asked: Ticket, ...candidates: readonly Candidate[]) {
  return decide(indexOf(...candidates), asked).problem;
}

describe('a decision', () => {
  it('takes the container with the shortest measured path', () => {
    const paths = new Map([
      [containerId(1), 40],
      [containerId(2), 12],
      [containerId(3), 25],
    ]);
    const index = indexOf(candidate(1), candidate(2), candidate(3));
    const { chosen, decision } = decide(index, ticket({ paths }));
    expect(chosen).toBe(containerId(2));
    expect(decision.ranked.map((one) => one.terms.path)).toEqual([12, 25, 40]);
    expect(decision.ranked.map((one) => one.pathSource)).toEqual(Array(3).fill('measured'));
  });

  it('believes a measurement before the history of the region, and that before its own round trip', () => {
    const index = indexOf(
      candidate(1, { region: 'near', roundTripMs: 1 }),
      candidate(2, { region: 'near', roundTripMs: 1 }),
      candidate(3, { region: 'unheard-of', roundTripMs: 1 }),
    );
    const paths = new Map([[containerId(1), 30]]);
    const { decision } = decide(index, ticket({ paths, regionPaths: new Map([['near', 20]]) }));
    const told = decision.ranked.map((one) => [one.name, one.terms.path, one.pathSource]);
    expect(told).toEqual([
      ['machine 2', 20, 'history'],
      ['machine 1', 30, 'measured'],
      ['machine 3', 1 + PARAMETERS.unknownPathPenaltyMs, 'unknown'],
    ]);
  });

  it('weighs price, load, warmth and quality against the path', () => {
    const regionPaths = new Map([['here', 10]]);
    const bad = { clickToPhotonP95Ms: 60, sessions: 20, failures: 10 };
    const index = indexOf(
      candidate(1, { pricePerHour: 2 }),
      candidate(2, { free: { ...CAPACITY, cpus: CAPACITY.cpus / 4 } }),
      candidate(3, { games: offering({ warm: false }) }),
      candidate(4, { quality: bad }),
      candidate(5),
    );
    const { decision } = decide(index, ticket({ regionPaths }));
    expect(decision.ranked.map(({ name }) => name)).toEqual([
      'machine 5',
      'machine 2',
      'machine 3',
      'machine 1',
      'machine 4',
    ]);
    for (const { scoreMs, terms } of decision.ranked) {
      const { path, quality, headroom, warmth, price } = terms;
      expect(scoreMs).toBeCloseTo(path + quality + headroom + warmth + price, 9);
    }
    const ofOther = (name: string) => decision.ranked.find((one) => one.name === name)?.terms;
    expect(ofOther('machine 1')).toMatchObject({ price: 30, quality: 0, headroom: 0, warmth: 0 });
    expect(ofOther('machine 2')).toMatchObject({ headroom: 25 * 0.75 ** 2, price: 0 });
    expect(ofOther('machine 3')).toMatchObject({ warmth: 15 });
    expect(ofOther('machine 4')).toMatchObject({ quality: 125 });
  });

  it('tells what it followed from', () => {
    const index = indexOf(candidate(1), candidate(2, { state: 'busy' }));
    const { decision } = decide(index, ticket({ seed: 77, waitedMs: 6_000 }));
    expect(decision).toMatchObject({
      parametersVersion: PARAMETERS.version,
      seed: 77,
      waitedMs: 6_000,
      latencyLimitMs: 100,
      considered: 2,
      rejected: { 'not-on-standby': 1 },
    });
  });

  it('tells of no more containers than a decision holds', () => {
    const index = indexOf(...Array.from({ length: 40 }, (_, number) => candidate(number)));
    expect(decide(index, ticket()).decision.ranked).toHaveLength(MAX_RANKED);
  });

  it('spreads tickets over containers that are equally good', () => {
    const index = indexOf(...Array.from({ length: 8 }, (_, number) => candidate(number)));
    const taken = new Map<string | undefined, number>();
    for (let seed = 0; seed < 4_000; seed++) {
      const { chosen } = decide(index, ticket({ seed }));
      taken.set(chosen, (taken.get(chosen) ?? 0) + 1);
    }
    // 500 each, and a deviation of 21: five of them to either side.
    expect(taken.size).toBe(8);
    expect(Math.min(...taken.values())).toBeGreaterThan(395);
    expect(Math.max(...taken.values())).toBeLessThan(605);
  });

  it('passes over a container that refused the ticket', () => {
    const index = indexOf(candidate(1), candidate(2, { roundTripMs: 50 }));
    const { chosen, decision } = decide(index, ticket({ refused: new Set([containerId(1)]) }));
    expect(chosen).toBe(containerId(2));
    expect(decision.rejected).toEqual({ refused: 1 });
  });

  it('takes no machine that is too small for the size the player chose', () => {
    const resolution = { width: 1920, height: 1080 };
    const settings = { ...DEFAULT_STREAM_SETTINGS, resolution, frameRate: 120 } as const;
    const pixelsPerSecond = 1920 * 1080 * 120;
    const enough = { ...CAPACITY, pixelsPerSecond };
    const short = { ...CAPACITY, pixelsPerSecond: pixelsPerSecond - 1 };
    const asked = ticket({ settings });
    expect(problemOf(asked, candidate(1, { capacity: short, free: short }))).toBe('too-small');
    expect(problemOf(asked, candidate(1, { capacity: enough, free: short }))).toBe('full');
    expect(problemOf(asked, candidate(1, { capacity: enough, free: enough }))).toBeUndefined();
  });
});

describe('the longest path a ticket takes', () => {
  const far = new Map([['here', 150]]);

  it('grows while it waits', () => {
    const index = indexOf(candidate(1));
    const chosenAfter = (waitedMs: number, pathMs: number) =>
      decide(index, ticket({ waitedMs, regionPaths: new Map([['here', pathMs]]) })).chosen;
    for (const [waitedMs, limitMs] of [
      [0, 60],
      [4_999, 60],
      [5_000, 100],
      [15_000, 180],
      [29_999, 180],
      [30_000, 10_000],
    ] as const) {
      expect(chosenAfter(waitedMs, limitMs), `${waitedMs} ms`).toBe(containerId(1));
      expect(chosenAfter(waitedMs, limitMs + 1), `${waitedMs} ms`).toBeUndefined();
    }
  });

  it('never refuses a container the way to which is not known', () => {
    const index = indexOf(candidate(1, { roundTripMs: 900 }), candidate(2, { region: 'x' }));
    expect(decide(index, ticket()).decision.ranked).toHaveLength(2);
    const { decision } = decide(index, ticket({ regionPaths: far }));
    expect(decision.ranked.map(({ name }) => name)).toEqual(['machine 2']);
    expect(decision.rejected).toEqual({ 'too-far': 1 });
  });

  it('takes a measured container of a region that is too far as a rule', () => {
    const paths = new Map([[containerId(1), 20]]);
    const index = indexOf(candidate(1), candidate(2));
    const { decision } = decide(index, ticket({ paths, regionPaths: far }));
    expect(decision.ranked.map(({ name }) => name)).toEqual(['machine 1']);
  });
});

describe('the reason for no container', () => {
  const regionPaths = new Map([['far away', 150]]);
  const noGame = candidate(1, { games: new Map() });
  const noCodec = candidate(2, { codecs: new Set(['av1']) });
  const noGpu = candidate(3, { gpu: 'none', games: offering({ needsGpu: true }) });
  const tooSmall = candidate(4, { capacity: { ...CAPACITY, cpus: 1 } });
  const tooDear = candidate(5, { pricePerHour: 9 });
  const tooFar = candidate(6, { region: 'far away' });
  const full = candidate(7, { free: NONE });
  const busy = candidate(8, { state: 'busy', freeSlots: 0 });
  const refused = candidate(9);
  const asked = ticket({ maxPricePerHour: 5, regionPaths, refused: new Set([containerId(9)]) });

  it('is that there is no container at all', () => {
    const pairing = decide(indexOf(), asked);
    expect(pairing.chosen).toBeUndefined();
    expect(pairing.problem).toBe('no-container');
    expect(pairing.decision.considered).toBe(0);
  });

  it.each([
    ['game-missing', noGame],
    ['no-common-codec', noCodec],
    ['no-gpu', noGpu],
    ['too-small', tooSmall],
    ['too-dear', tooDear],
    ['too-far', tooFar],
    ['full', full],
    ['full', candidate(1, { freeSlots: 0 })],
    ['not-on-standby', busy],
    ['refused', refused],
    ['too-small', candidate(1, { games: offering({ players: 0 }) })],
    ['not-on-standby', candidate(1, { state: 'quarantined' })],
  ] as const)('is %s', (problem, only) => {
    const pairing = decide(indexOf(only), asked);
    expect(pairing.problem).toBe(problem);
    expect(pairing.decision.rejected).toEqual({ [problem]: 1 });
  });

  it('is what waiting cures before what a player can change, and that before what nobody here can', () => {
    const worstFirst = [noGame, noCodec, noGpu, tooSmall, tooDear, busy, refused, tooFar, full];
    const problems = worstFirst.map((_, i) => problemOf(asked, ...worstFirst.slice(0, i + 1)));
    expect(problems).toEqual([
      'game-missing',
      'no-common-codec',
      'no-gpu',
      'too-small',
      'too-dear',
      'not-on-standby',
      'refused',
      'too-far',
      'full',
    ]);
  });

  it('does not put hope in a busy container that would not fit, nor in one that leaves', () => {
    const dearAndBusy = candidate(11, { state: 'busy', pricePerHour: 9 });
    const leaving = candidate(12, { state: 'draining' });
    expect(problemOf(asked, noCodec, dearAndBusy, leaving)).toBe('no-common-codec');
  });

  it('is a missing game where containers on standby have others only', () => {
    expect(problemOf(ticket({ gameId: 'chess' }), candidate(1))).toBe('game-missing');
    expect(decide(indexOf(candidate(1)), ticket({ gameId: GAME })).problem).toBeUndefined();
  });
});
