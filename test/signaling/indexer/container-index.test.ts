import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContainerId } from '../../../protocol/ids.ts';
import type { Candidate } from '../../../signaling/indexer/candidate.ts';
import { ContainerIndex } from '../../../signaling/indexer/container-index.ts';
import type { Ladder } from '../../../signaling/indexer/ladder.ts';
import { PARAMETERS } from '../../../signaling/indexer/parameters.ts';
import { standingMs, unknownPathMs } from '../../../signaling/indexer/score.ts';
import { anyCandidate, anyContainerId, containerId } from './random-pool.ts';

type Model = Map<ContainerId, Candidate>;
type Step = fc.Command<Model, ContainerIndex>;

/** By the bucket's lower edge, milliseconds: who is in it. */
function contentsOf(ladder: Ladder, index: ContainerIndex): [number, string][] {
  const found: [number, string][] = [];
  for (let bucket = ladder.occupied(0); bucket >= 0; bucket = ladder.occupied(bucket + 1)) {
    for (const row of ladder.rows(bucket)) {
      found.push([ladder.lowerEdgeMs(bucket), index.table.candidate(row).containerId]);
    }
  }
  return found.sort(byId);
}

function byId([, one]: [number, string], [, other]: [number, string]): number {
  return one < other ? -1 : 1;
}

/** Two milliseconds a bucket, and one for everything from 510 on. */
function edgeMs(valueMs: number): number {
  return Math.min(510, 2 * Math.floor(valueMs / 2));
}

function expectSame(index: ContainerIndex, model: Model): void {
  const all = [...model.values()];
  expect(index.size).toBe(model.size);
  expect(new Set(index.candidates())).toEqual(new Set(all));
  expect(index.onStandby).toBe(all.filter(({ state }) => state === 'standby').length);
  for (const game of new Set(all.flatMap(({ games }) => [...games.keys()]))) {
    const holding = all.filter(({ games }) => games.has(game));
    const holders = index.holders(game);
    expect(holders?.size).toBe(holding.length);
    expect(holders?.onStandby).toBe(holding.filter(({ state }) => state === 'standby').length);
    const offers = holding.map((one) => {
      const offer = one.games.get(game);
      return [one.containerId, offer] as const;
    });
    const held = Array.from({ length: holders?.size ?? 0 }, (_, place) => {
      const id = index.table.candidate(holders?.row(place) ?? -1).containerId;
      return [id, holders?.offer(place)] as const;
    });
    expect(new Map(held)).toEqual(new Map(offers));
  }
  const regions = index.regions.filter((region) => region !== undefined);
  expect(new Set(regions.map(({ name }) => name))).toEqual(new Set(all.map((one) => one.region)));
  for (const { name, byStanding, byOwnPath, containers } of regions) {
    const there = all.filter(({ region }) => region === name);
    expect(containers).toBe(there.length);
    const open = there.filter((one) => one.state === 'standby' && one.freeSlots > 0);
    const standing = (one: Candidate) => standingMs(one, index.usualClickToPhotonMs);
    const expected = (boundOf: (one: Candidate) => number) =>
      open.map((one): [number, string] => [edgeMs(boundOf(one)), one.containerId]).sort(byId);
    expect(contentsOf(byStanding, index)).toEqual(expected(standing));
    expect(contentsOf(byOwnPath, index)).toEqual(
      expected((one) => unknownPathMs(one.roundTripMs) + standing(one)),
    );
  }
}

class Upsert implements Step {
  readonly #candidate: Candidate;
  constructor(candidate: Candidate) {
    this.#candidate = candidate;
  }
  check = () => true;
  run(model: Model, index: ContainerIndex): void {
    model.set(this.#candidate.containerId, this.#candidate);
    index.upsert(this.#candidate);
    expectSame(index, model);
  }
  toString = () => `upsert ${JSON.stringify(this.#candidate)}`;
}

/** A container tells new figures; what it offers stays. */
class Heartbeat implements Step {
  readonly #figures: Candidate;
  constructor(figures: Candidate) {
    this.#figures = figures;
  }
  check = (model: Readonly<Model>) => model.has(this.#figures.containerId);
  run(model: Model, index: ContainerIndex): void {
    const known = model.get(this.#figures.containerId);
    if (!known) return;
    const { games, codecs, region } = known;
    const candidate = { ...this.#figures, games, codecs, region };
    model.set(candidate.containerId, candidate);
    index.upsert(candidate);
    expectSame(index, model);
  }
  toString = () => `heartbeat ${JSON.stringify(this.#figures)}`;
}

class Remove implements Step {
  readonly #containerId: ContainerId;
  constructor(id: ContainerId) {
    this.#containerId = id;
  }
  check = () => true;
  run(model: Model, index: ContainerIndex): void {
    model.delete(this.#containerId);
    index.remove(this.#containerId);
    expectSame(index, model);
  }
  toString = () => `remove ${this.#containerId}`;
}

/** The median over all containers, taken at once. */
function usualOf(model: Model, beforeMs: number): number {
  const p95sMs = [...model.values()]
    .flatMap(({ quality }) => (quality && quality.sessions > 0 ? [quality.clickToPhotonP95Ms] : []))
    .map((p95Ms) => Math.min(999, Math.round(p95Ms)))
    .sort((one, other) => one - other);
  const medianMs = p95sMs[Math.ceil(p95sMs.length / 2) - 1];
  const isFelt = medianMs !== undefined && Math.abs(medianMs - beforeMs) >= PARAMETERS.usualStepMs;
  return isFelt ? medianMs : beforeMs;
}

class RefreshUsual implements Step {
  check = () => true;
  run(model: Model, index: ContainerIndex): void {
    const expectedMs = usualOf(model, index.usualClickToPhotonMs);
    index.refreshUsual();
    expect(index.usualClickToPhotonMs).toBe(expectedMs);
    let slices = 1;
    while (index.fileSome(3)) slices++;
    expect(slices).toBeLessThanOrEqual(Math.max(1, Math.ceil(index.table.length / 3)));
    expect(index.slackMs).toBe(0);
    expectSame(index, model);
  }
  toString = () => 'refresh usual';
}

describe('the index of containers', () => {
  it('holds what it was told last, and files it where its figures say', () => {
    const commands = fc.commands(
      [
        anyCandidate.map((candidate) => new Upsert(candidate)),
        anyCandidate.map((figures) => new Heartbeat(figures)),
        anyContainerId.map((id) => new Remove(id)),
        fc.constant(new RefreshUsual()),
      ],
      { maxCommands: 60, size: 'max' },
    );
    fc.assert(
      fc.property(commands, (steps) => {
        fc.modelRun(() => ({ model: new Map(), real: new ContainerIndex() }), steps);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps nothing of containers that are gone', () => {
    const pool = fc.array(anyCandidate, { maxLength: 40 });
    fc.assert(
      fc.property(pool, (candidates) => {
        const index = new ContainerIndex();
        for (const candidate of candidates) index.upsert(candidate);
        for (const candidate of candidates) index.remove(candidate.containerId);
        expectSame(index, new Map());
        for (const { games } of candidates) {
          for (const game of games.keys()) expect(index.holders(game)).toBeUndefined();
        }
      }),
    );
  });

  it('has room for many more than it began with', () => {
    const [sample] = fc.sample(anyCandidate, { numRuns: 1, seed: 1 });
    if (!sample) throw new Error('no sample');
    const index = new ContainerIndex();
    const model: Model = new Map();
    for (let number = 0; number < 300; number++) {
      const candidate = { ...sample, containerId: containerId(number), pricePerHour: number % 9 };
      model.set(candidate.containerId, candidate);
      index.upsert(candidate);
    }
    expectSame(index, model);
  });
});

describe('what is usual', () => {
  const [sample] = fc.sample(anyCandidate, { numRuns: 1, seed: 1 });

  function withP95(number: number, clickToPhotonP95Ms: number): Candidate {
    if (!sample) throw new Error('no sample');
    const quality = { clickToPhotonP95Ms, sessions: 10, failures: 0 };
    return { ...sample, containerId: containerId(number), quality };
  }

  it('is a fixed figure before any session told', () => {
    const index = new ContainerIndex();
    index.refreshUsual();
    expect(index.usualClickToPhotonMs).toBe(PARAMETERS.usualClickToPhotonMs);
  });

  it('is the median of the containers, taken when asked to', () => {
    const index = new ContainerIndex();
    for (const [i, p95Ms] of [90, 5_000, 100, 20, 110].entries()) index.upsert(withP95(i, p95Ms));
    expect(index.usualClickToPhotonMs).toBe(PARAMETERS.usualClickToPhotonMs);
    index.refreshUsual();
    expect(index.usualClickToPhotonMs).toBe(100);
  });

  it('stays as it is for a change that nobody feels', () => {
    const index = new ContainerIndex();
    index.upsert(withP95(0, 100));
    index.refreshUsual();
    index.upsert(withP95(0, 104));
    index.refreshUsual();
    expect(index.usualClickToPhotonMs).toBe(100);
    index.upsert(withP95(0, 105));
    index.refreshUsual();
    expect(index.usualClickToPhotonMs).toBe(105);
  });
});
