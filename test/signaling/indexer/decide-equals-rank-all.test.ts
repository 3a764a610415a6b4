import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAX_RANKED,
  pairingDecisionSchema,
  REJECTIONS,
} from '../../../protocol/pairing-decision.ts';
import { ContainerIndex } from '../../../signaling/indexer/container-index.ts';
import { decide, type Effort } from '../../../signaling/indexer/decide.ts';
import type { Ticket } from '../../../signaling/indexer/ticket.ts';
import { anyCandidate, anyContainerId, anyFittingCandidate, anyTicket } from './random-pool.ts';
import { type FullRanking, rankAll } from './rank-all.ts';
import { candidate, GAME, indexOf, ticket } from './sample-pool.ts';

/** Everything in line; a walk to the end; a walk that gives up half-way. */
const EFFORTS: Record<'line' | 'walk' | 'mixed', Effort> = {
  line: { holders: 1e9, walked: 0 },
  walk: { holders: 0, walked: 1e9 },
  mixed: { holders: 2, walked: 30 },
};

function expectEqual(index: ContainerIndex, ticket: Ticket, full: FullRanking): void {
  for (const [name, effort] of Object.entries(EFFORTS)) {
    const { chosen, decision, problem } = decide(index, ticket, effort);
    expect(pairingDecisionSchema.parse(decision)).toEqual(decision);
    const ranked = decision.ranked.map(({ containerId, scoreMs }) => ({ containerId, scoreMs }));
    expect(ranked, name).toEqual(full.ranked);
    expect(chosen).toBe(full.ranked[0]?.containerId);
    expect(problem !== undefined).toBe(chosen === undefined);
    for (const rejection of REJECTIONS) {
      const counted = decision.rejected[rejection] ?? 0;
      const all = full.rejected[rejection] ?? 0;
      const isWhole = chosen === undefined || REJECTIONS.indexOf(rejection) < 2;
      if (isWhole) expect(counted, `${name}: ${rejection}`).toBe(all);
      else expect(counted, `${name}: ${rejection}`).toBeLessThanOrEqual(all);
    }
  }
}

const removal = anyContainerId.map((remove) => ({ remove }));
const update = anyCandidate.map((upsert) => ({ upsert }));
const refresh = fc.constant({ refresh: true });
const file = fc.integer({ min: 1, max: 20 }).map((most) => ({ most }));

describe('a decision of the index', () => {
  it('is that too where far more containers fit than are told of', () => {
    const pool = fc.array(anyFittingCandidate, { minLength: 100, maxLength: 300, size: 'max' });
    let shortened = 0;
    fc.assert(
      fc.property(pool, anyTicket, (candidates, ticket) => {
        const index = new ContainerIndex();
        for (const candidate of candidates) index.upsert(candidate);
        const full = rankAll(index.candidates(), ticket, index.usualClickToPhotonMs);
        if (full.ranked.length === MAX_RANKED) shortened++;
        expectEqual(index, ticket, full);
      }),
      { numRuns: 40 },
    );
    expect(shortened).toBeGreaterThan(10);
  });

  it('is the one that looking at every container comes to, after any updates and removals', () => {
    const steps = fc.array(
      fc.oneof(
        { arbitrary: update, weight: 20 },
        { arbitrary: removal, weight: 4 },
        { arbitrary: refresh, weight: 2 },
        { arbitrary: file, weight: 2 },
      ),
      { maxLength: 90, size: 'max' },
    );
    const tickets = fc.array(anyTicket, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(steps, tickets, (drawn, asked) => {
        const index = new ContainerIndex();
        for (const step of drawn) {
          if ('upsert' in step) index.upsert(step.upsert);
          else if ('remove' in step) index.remove(step.remove);
          else if ('most' in step) index.fileSome(step.most);
          else index.refreshUsual();
        }
        for (const ticket of asked) {
          const full = rankAll(index.candidates(), ticket, index.usualClickToPhotonMs);
          expectEqual(index, ticket, full);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('is that too while the containers are being filed by what is usual now', () => {
    const pool = fc.array(anyFittingCandidate, { minLength: 100, maxLength: 300, size: 'max' });
    const filed = fc.integer({ min: 0, max: 300 });
    let unfiled = 0;
    fc.assert(
      fc.property(pool, filed, anyTicket, (candidates, most, ticket) => {
        const index = new ContainerIndex();
        for (const candidate of candidates) index.upsert(candidate);
        index.refreshUsual();
        if (index.fileSome(most) && index.slackMs > 0) unfiled++;
        const full = rankAll(index.candidates(), ticket, index.usualClickToPhotonMs);
        expectEqual(index, ticket, full);
      }),
      { numRuns: 60 },
    );
    expect(unfiled).toBeGreaterThan(5);
  });

  it('looks for equals in a region that can only be as good as what was found', () => {
    const regions = ['here', 'there'];
    const pool = Array.from({ length: 60 }, (_, number) =>
      candidate(number, { region: regions[number % 2] ?? '' }),
    );
    const index = indexOf(...pool);
    const regionPaths = new Map(regions.map((region) => [region, 10]));
    for (let seed = 0; seed < 20; seed++) {
      const asked = ticket({ gameId: GAME, regionPaths, seed });
      expectEqual(index, asked, rankAll(pool, asked, index.usualClickToPhotonMs));
    }
  });

  it('does not depend on the order in which containers came', () => {
    const pool = fc.uniqueArray(anyCandidate, { selector: ({ containerId }) => containerId });
    fc.assert(
      fc.property(pool, anyTicket, (candidates, ticket) => {
        const [forwards, backwards] = [new ContainerIndex(), new ContainerIndex()];
        for (const candidate of candidates) forwards.upsert(candidate);
        for (const candidate of candidates.toReversed()) backwards.upsert(candidate);
        for (const effort of [EFFORTS.line, EFFORTS.walk]) {
          const { ranked } = decide(forwards, ticket, effort).decision;
          expect(decide(backwards, ticket, effort).decision.ranked).toEqual(ranked);
        }
      }),
    );
  });
});
