import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Capacity } from '../../../protocol/capacity.ts';
import { type BuildId, buildIdSchema } from '../../../protocol/studio-builds.ts';
import type { PlayableBuild } from '../../../signaling/indexer/build-catalogue.ts';
import type { BuildHost, Candidate, OfferedGame } from '../../../signaling/indexer/candidate.ts';
import { ContainerIndex } from '../../../signaling/indexer/container-index.ts';
import { decide, type Effort } from '../../../signaling/indexer/decide.ts';
import { offerKey } from '../../../signaling/indexer/offer-key.ts';
import { allOffers } from './all-offers.ts';
import { anyCandidate, anyContainerId, anyTicket } from './random-pool.ts';
import { candidate, ticket } from './sample-pool.ts';

const BUILDS = 6;
/** One of them is also what containers call a game of their own. */
const GAMES = ['tide', 'pond', 'skimmer'];
const EFFORTS: readonly Effort[] = [
  { holders: 1e9, walked: 0 },
  { holders: 0, walked: 1e9 },
  { holders: 2, walked: 30 },
];

const MANIFEST: PlayableBuild['manifest'] = {
  runtime: 'linux',
  players: 1,
  resolution: { width: 1280, height: 720 },
  limits: { memoryMib: 1024, cpus: 1 },
};

function buildId(number: number): BuildId {
  return buildIdSchema.parse(`00000000-0000-4000-9000-${String(number).padStart(12, '0')}`);
}

const anyBuildId = fc.integer({ min: 0, max: BUILDS - 1 }).map(buildId);
const anyRuntime = fc.constantFrom('linux' as const, 'web' as const);

const anyBuild: fc.Arbitrary<PlayableBuild> = fc.record({
  buildId: anyBuildId,
  gameId: fc.constantFrom(...GAMES),
  manifest: fc.record({
    runtime: anyRuntime,
    players: fc.constantFrom(1, 2, 4),
    resolution: fc.constantFrom({ width: 1280, height: 720 }, { width: 2560, height: 1440 }),
    limits: fc.record({
      memoryMib: fc.constantFrom(64, 4096),
      cpus: fc.constantFrom(0.5, 2),
    }),
  }),
});

const anyBuilds = fc.uniqueArray(anyBuild, { selector: ({ buildId }) => buildId });

const anyHost: fc.Arbitrary<BuildHost> = fc.record({
  runtimes: fc.uniqueArray(anyRuntime),
  warm: fc.array(anyBuildId, { maxLength: BUILDS }),
});

/** Rooms for a build: memory is not what most lack. */
const anyHosting: fc.Arbitrary<Candidate> = fc
  .tuple(anyCandidate, anyHost, fc.boolean())
  .map(([drawn, builds, hasMemory]) => {
    const grow = (of: Capacity) => (hasMemory ? { ...of, memoryBytes: 2 ** 40 } : of);
    return { ...drawn, builds, capacity: grow(drawn.capacity), free: grow(drawn.free) };
  });

type Step =
  | { readonly upsert: Candidate }
  | { readonly remove: Candidate['containerId'] }
  | { readonly rewarm: Candidate['containerId']; readonly warm: readonly BuildId[] }
  | { readonly release: readonly PlayableBuild[] };

const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { arbitrary: anyHosting.map((upsert) => ({ upsert })), weight: 14 },
    { arbitrary: anyContainerId.map((remove) => ({ remove })), weight: 2 },
    {
      arbitrary: fc.record({ rewarm: anyContainerId, warm: fc.array(anyBuildId) }),
      weight: 4,
    },
    { arbitrary: anyBuilds.map((release) => ({ release })), weight: 2 },
  ),
  { maxLength: 60, size: 'max' },
);

const anyAsked = fc
  .tuple(anyTicket, fc.constantFrom(...GAMES), fc.option(anyBuildId))
  .map(([drawn, game, build]) => ({ ...drawn, gameId: offerKey(game, build ?? undefined) }));

/** The index as it would be if each container told of every build itself. */
function toldByEach(index: ContainerIndex, builds: readonly PlayableBuild[]): ContainerIndex {
  const told = new ContainerIndex(index.usualClickToPhotonMs);
  for (const one of index.candidates()) {
    const games = allOffers(one, builds);
    told.upsert({ ...one, games, builds: { runtimes: [], warm: [] } });
  }
  return told;
}

describe('builds that are known once for all containers', () => {
  it('are decided on as if each container offered every one by itself', () => {
    let chosen = 0;
    fc.assert(
      fc.property(
        anyBuilds,
        anySteps,
        fc.array(anyAsked, { minLength: 1, maxLength: 6 }),
        (first, steps, tickets) => {
          const index = new ContainerIndex();
          let builds: readonly PlayableBuild[] = first;
          index.setBuilds(first);
          for (const step of steps) {
            if ('upsert' in step) index.upsert(step.upsert);
            else if ('remove' in step) index.remove(step.remove);
            else if ('release' in step) {
              builds = step.release;
              index.setBuilds(builds);
            } else {
              const known = index.get(step.rewarm);
              if (known) index.upsert({ ...known, builds: { ...known.builds, warm: step.warm } });
            }
          }
          const told = toldByEach(index, builds);
          for (const asked of tickets) {
            for (const effort of EFFORTS) {
              const decided = decide(index, asked, effort);
              const { rejected, ...rest } = decided.decision;
              const expected = decide(told, asked, effort);
              expect(rest).toEqual({ ...expected.decision, rejected: undefined });
              expect(decided.problem).toBe(expected.problem);
              if (decided.chosen === undefined)
                expect(rejected).toEqual(expected.decision.rejected);
              else chosen++;
            }
          }
          for (const { containerId } of told.candidates()) {
            const offers = [...new Set([...told.offersOf(containerId)].map(textOf))].sort();
            expect([...new Set([...index.offersOf(containerId)].map(textOf))].sort()).toEqual(
              offers,
            );
          }
        },
      ),
      { numRuns: 250 },
    );
    expect(chosen).toBeGreaterThan(100);
  });

  it('say nothing of a container that plays none', () => {
    const index = new ContainerIndex();
    const tide = { buildId: buildId(1), gameId: 'tide', manifest: MANIFEST };
    index.upsert(candidate(1));
    index.setBuilds([tide]);
    const asked = ticket({ gameId: offerKey('tide', buildId(1)) });
    expect(decide(index, asked).problem).toBe('game-missing');
    const host = { runtimes: ['linux' as const], warm: [] };
    index.upsert(candidate(2, { builds: host }));
    expect(decide(index, asked).chosen).toBe(candidate(2).containerId);
    expect(index.shareMachine('skimmer', 'tide')).toBe(true);
    index.setBuilds([]);
    expect(decide(index, asked).problem).toBe('game-missing');
  });

  it('go on to be known where what was tried is ranked by itself', () => {
    const index = new ContainerIndex();
    index.setBuilds([{ buildId: buildId(1), gameId: 'tide', manifest: MANIFEST }]);
    const among = index.emptied();
    among.upsert(candidate(1, { builds: { runtimes: ['linux'], warm: [] } }));
    expect(decide(among, ticket({ gameId: 'tide' })).chosen).toBe(candidate(1).containerId);
    expect(index.size).toBe(0);
  });
});

function textOf({ needs, players, warm, needsGpu }: OfferedGame): string {
  return JSON.stringify([needs, players, warm, needsGpu]);
}
