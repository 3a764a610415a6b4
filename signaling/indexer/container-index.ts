import type { ContainerId } from '../../protocol/ids.ts';
import { BuildCatalogue, type PlayableBuild } from './build-catalogue.ts';
import { BuildHolders } from './build-holders.ts';
import { BuildHosts } from './build-hosts.ts';
import type { Candidate, OfferedGame } from './candidate.ts';
import { GameHolders, sameOffer } from './game-holders.ts';
import type { Holders } from './holders.ts';
import type { OfferKey } from './offer-key.ts';
import { PARAMETERS } from './parameters.ts';
import { RegionLadders } from './region-ladders.ts';
import { RowTable } from './row-table.ts';

/** Containers to be filed anew in one go: one or two milliseconds of work. */
export const FILED_AT_ONCE = 1_000;

/** One-millisecond bins of the pool's p95s; the last one takes the rest. */
const QUALITY_BINS = 1_000;

/**
 * The containers there are, kept so that a decision looks at few of them. An update costs the same
 * however many games a container has, as long as those stay: games are told apart when a decision
 * comes to the container, and not by where it is filed.
 */
export class ContainerIndex {
  readonly table = new RowTable();
  readonly #rows = new Map<ContainerId, number>();
  readonly #games = new Map<OfferKey, GameHolders>();
  readonly #hosts = new BuildHosts();
  #builds = new BuildCatalogue();
  readonly #regions: (RegionLadders | undefined)[] = [];
  readonly #regionNumbers = new Map<string, number>();
  /** By row: the place of each of its games among the holders, in the order of the games. */
  readonly #places: number[][] = [];
  #onStandby = 0;
  #usualClickToPhotonMs: number;
  /** The least that was usual when any container was filed last. */
  #filedByMs: number;
  /** Containers by their p95, of those that have told one. */
  readonly #p95s = new Uint32Array(QUALITY_BINS);
  #told = 0;

  /** @param usualClickToPhotonMs what quality is measured against until it is measured anew. */
  constructor(usualClickToPhotonMs: number = PARAMETERS.usualClickToPhotonMs) {
    this.#usualClickToPhotonMs = usualClickToPhotonMs;
    this.#filedByMs = usualClickToPhotonMs;
    this.table.setUsual(usualClickToPhotonMs);
  }

  /** One with the same builds and the same measure of quality, and no containers. */
  emptied(): ContainerIndex {
    const index = new ContainerIndex(this.#usualClickToPhotonMs);
    index.#builds = this.#builds;
    return index;
  }

  /** Takes in which builds of studios can be played now, by any container of their kind. */
  setBuilds(builds: Iterable<PlayableBuild>): void {
    this.#builds = new BuildCatalogue(builds);
  }

  get size(): number {
    return this.#rows.size;
  }

  get onStandby(): number {
    return this.#onStandby;
  }

  /** What quality is measured against, milliseconds: see {@link refreshUsual}. */
  get usualClickToPhotonMs(): number {
    return this.#usualClickToPhotonMs;
  }

  get(containerId: ContainerId): Candidate | undefined {
    const row = this.#rows.get(containerId);
    return row === undefined ? undefined : this.table.candidate(row);
  }

  *candidates(): Generator<Candidate> {
    for (const row of this.#rows.values()) yield this.table.candidate(row);
  }

  /** Takes in a container, or what is new about it. */
  upsert(candidate: Candidate): void {
    const row = this.#rows.get(candidate.containerId);
    if (row === undefined) {
      this.#add(candidate);
      return;
    }
    const previous = this.table.candidate(row);
    if (previous === candidate) return;
    const sameGames = this.#updateOffers(row, previous, candidate);
    const sameBuilds = previous.builds === candidate.builds;
    const recount =
      !(sameGames && sameBuilds) ||
      (previous.state === 'standby') !== (candidate.state === 'standby');
    if (recount) this.#count(row, previous, -1);
    if (!sameBuilds) {
      this.#hosts.remove(row, previous.builds);
      this.#hosts.add(row, candidate.builds);
    }
    if (!sameGames) {
      this.#releaseGames(row, previous);
      this.#takeGames(row, candidate);
    }
    if (recount) this.#count(row, candidate, 1);
    this.#countP95(row, -1);
    const moved = previous.region !== candidate.region;
    if (moved) this.#leaveRegion(row);
    this.#write(
      row,
      candidate,
      moved ? this.#enterRegion(candidate.region) : this.table.region(row),
    );
  }

  /** Does nothing for one that is not there. */
  remove(containerId: ContainerId): void {
    const row = this.#rows.get(containerId);
    if (row === undefined) return;
    const candidate = this.table.candidate(row);
    this.#count(row, candidate, -1);
    this.#countP95(row, -1);
    this.#leaveRegion(row);
    this.#releaseGames(row, candidate);
    this.#hosts.remove(row, candidate.builds);
    this.#rows.delete(containerId);
    this.table.remove(row);
  }

  /**
   * Takes anew what click to photon is usual: the median of the containers' p95s, to a millisecond. Where
   * it changed enough to matter, every decision is by that at once, and {@link fileSome} has to be called
   * until all containers are filed by it, too. Call it once a minute or so.
   */
  refreshUsual(): void {
    if (this.#told === 0) return;
    let below = 0;
    const usualMs = this.#p95s.findIndex((count) => {
      below += count;
      return 2 * below >= this.#told;
    });
    if (Math.abs(usualMs - this.#usualClickToPhotonMs) < PARAMETERS.usualStepMs) return;
    // Some may still be filed by what was usual before that.
    this.#filedByMs = Math.min(this.#filedByMs, this.#usualClickToPhotonMs);
    this.#usualClickToPhotonMs = usualMs;
    this.table.setUsual(usualMs);
  }

  /**
   * Files no more than so many containers by what is usual now: a hundred thousand at once would keep
   * everybody waiting.
   * @returns whether some are left.
   */
  fileSome(most: number): boolean {
    const { table } = this;
    const to = table.settledTo + most;
    for (let row = table.settledTo; row < Math.min(to, table.length); row++) {
      if (table.has(row)) this.#file(row);
    }
    if (to < table.length) {
      table.setSettledTo(to);
      return true;
    }
    table.setSettledTo(Number.POSITIVE_INFINITY);
    this.#filedByMs = this.#usualClickToPhotonMs;
    return false;
  }

  /**
   * By how much a container may score less than the edge it is filed at, milliseconds. Where more is
   * usual than when it was filed, it stands the better for it, but by no more than that.
   */
  get slackMs(): number {
    return Math.max(0, this.#usualClickToPhotonMs - this.#filedByMs);
  }

  row(containerId: ContainerId): number | undefined {
    return this.#rows.get(containerId);
  }

  /** As long as nothing is changed; undefined where no container has the game. */
  holders(gameId: OfferKey): Holders | undefined {
    const own = this.#games.get(gameId);
    const builds = this.#builds.of(gameId);
    if (builds.length === 0) return own;
    const holders = new BuildHolders(builds, this.#hosts, this.table, own);
    return holders.size > 0 ? holders : undefined;
  }

  /** What a container offers; undefined where it has not the game, or is not there. */
  offerOf(containerId: ContainerId, gameId: OfferKey): OfferedGame | undefined {
    const row = this.#rows.get(containerId);
    return row === undefined ? undefined : this.holders(gameId)?.offerOf(row);
  }

  /** All that a container offers. */
  *offersOf(containerId: ContainerId): Generator<OfferedGame> {
    const row = this.#rows.get(containerId);
    if (row === undefined) return;
    for (const [gameId, offer] of this.table.candidate(row).games) {
      // One that is a studio's is in a build here.
      if (!this.#builds.of(gameId).some((build) => this.#hosts.runs(row, build))) yield offer;
    }
    for (const build of this.#builds.all) {
      if (this.#hosts.runs(row, build)) yield this.#hosts.offer(row, build, this.table);
    }
  }

  /** Containers that have a game, with what they offer. */
  *offering(gameId: OfferKey): Generator<readonly [Candidate, OfferedGame]> {
    const holders = this.holders(gameId);
    for (let place = 0; place < (holders?.size ?? 0); place++) {
      const offer = holders?.offer(place);
      if (holders && offer) yield [this.table.candidate(holders.row(place)), offer];
    }
  }

  /** Whether some container has both games, so that a session of one can take the place of the other. */
  shareMachine(one: OfferKey, other: OfferKey): boolean {
    const [first, second] = [this.holders(one), this.holders(other)];
    if (!first || !second) return false;
    const [few, many] = first.size <= second.size ? [first, second] : [second, first];
    for (let place = 0; place < few.size; place++) if (many.has(few.row(place))) return true;
    return false;
  }

  /** By their numbers, which are few and used again. */
  get regions(): readonly (RegionLadders | undefined)[] {
    return this.#regions;
  }

  #add(candidate: Candidate): void {
    const row = this.table.add(candidate);
    this.#rows.set(candidate.containerId, row);
    this.#takeGames(row, candidate);
    this.#hosts.add(row, candidate.builds);
    this.#count(row, candidate, 1);
    this.#write(row, candidate, this.#enterRegion(candidate.region));
  }

  #write(row: number, candidate: Candidate, region: number): void {
    this.table.write(row, candidate, region);
    this.#countP95(row, 1);
    this.#file(row);
  }

  #file(row: number): void {
    this.table.settle(row);
    this.#regions[this.table.region(row)]?.file(row);
  }

  #count(row: number, candidate: Candidate, by: 1 | -1): void {
    if (candidate.state !== 'standby') return;
    this.#onStandby += by;
    this.#hosts.countStandby(row, by);
    for (const gameId of candidate.games.keys()) {
      const holders = this.#games.get(gameId);
      if (holders) holders.onStandby += by;
    }
  }

  #countP95(row: number, by: 1 | -1): void {
    const p95Ms = this.table.clickToPhotonP95(row);
    if (Number.isNaN(p95Ms)) return;
    const bin = Math.min(QUALITY_BINS - 1, Math.max(0, Math.round(p95Ms)));
    this.#p95s[bin] = (this.#p95s[bin] ?? 0) + by;
    this.#told += by;
  }

  /** @returns false, and changes nothing, where the games are not the same ones in the same order. */
  #updateOffers(row: number, previous: Candidate, { games }: Candidate): boolean {
    if (previous.games === games) return true;
    if (previous.games.size !== games.size) return false;
    const before = previous.games.keys();
    for (const gameId of games.keys()) if (before.next().value !== gameId) return false;
    let ordinal = 0;
    for (const [gameId, offer] of games) {
      const place = this.#places[row]?.[ordinal++];
      const old = previous.games.get(gameId);
      if (place === undefined || (old && sameOffer(old, offer))) continue;
      this.#games.get(gameId)?.replace(place, offer);
    }
    return true;
  }

  #takeGames(row: number, { games }: Candidate): void {
    const places: number[] = [];
    for (const [gameId, offer] of games) {
      const holders = this.#games.get(gameId) ?? new GameHolders(gameId, this.table);
      this.#games.set(gameId, holders);
      places.push(holders.add(row, places.length, offer));
    }
    this.#places[row] = places;
  }

  #releaseGames(row: number, { games }: Candidate): void {
    let ordinal = 0;
    for (const gameId of games.keys()) {
      const holders = this.#games.get(gameId);
      const place = this.#places[row]?.[ordinal++];
      if (!holders || place === undefined) continue;
      holders.remove(place, (movedRow, movedOrdinal, to) => {
        const places = this.#places[movedRow];
        if (places) places[movedOrdinal] = to;
      });
      if (holders.size === 0) this.#games.delete(gameId);
    }
    this.#places[row] = [];
  }

  #enterRegion(name: string): number {
    const known = this.#regionNumbers.get(name);
    const free = this.#regions.indexOf(undefined);
    const number = known ?? (free < 0 ? this.#regions.length : free);
    const region = this.#regions[number] ?? new RegionLadders(name, this.table);
    region.containers++;
    this.#regions[number] = region;
    this.#regionNumbers.set(name, number);
    return number;
  }

  #leaveRegion(row: number): void {
    const number = this.table.region(row);
    const region = this.#regions[number];
    if (!region) return;
    region.drop(row);
    region.containers--;
    if (region.containers > 0) return;
    this.#regions[number] = undefined;
    this.#regionNumbers.delete(region.name);
  }
}
