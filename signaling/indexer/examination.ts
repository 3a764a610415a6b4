import type { Capacity } from '../../protocol/capacity.ts';
import type { ContainerId } from '../../protocol/ids.ts';
import { REJECTIONS, type Rejection } from '../../protocol/pairing-decision.ts';
import { sessionNeeds } from '../../protocol/session-needs.ts';
import type { OfferedGame } from './candidate.ts';
import type { ContainerIndex } from './container-index.ts';
import { latencyLimitMs } from './parameters.ts';
import { codecBits, HAS_GPU, type RowTable } from './row-table.ts';
import { warmthMs } from './score.ts';
import { Shortlist } from './shortlist.ts';
import type { Ticket } from './ticket.ts';

/** Places in `REJECTIONS`: by number a hundred thousand are counted in a fraction of the time. */
const NO_CODEC = REJECTIONS.indexOf('no-common-codec');
const NO_GPU = REJECTIONS.indexOf('no-gpu');
const TOO_SMALL = REJECTIONS.indexOf('too-small');
const TOO_DEAR = REJECTIONS.indexOf('too-dear');
/** From this one on they pass by themselves: the container may take the ticket later, though not now. */
const TOO_FAR = REJECTIONS.indexOf('too-far');
const FULL = REJECTIONS.indexOf('full');
const REFUSED = REJECTIONS.indexOf('refused');
const FITS = -1;

/** One ticket's look at containers, one after another: refuses them with a reason or lists them. */
export class Examination {
  readonly shortlist: Shortlist;
  /** The longest path the ticket takes, milliseconds. */
  readonly limitMs: number;
  readonly #index: ContainerIndex;
  readonly #ticket: Ticket;
  readonly #table: RowTable;
  readonly #codecs: number;
  readonly #players: number;
  readonly #maxPricePerHour: number;
  /** By the number of the region, milliseconds; NaN where nothing is known. */
  readonly #regionPaths: Float64Array;
  /** By row, milliseconds. */
  readonly #measured = new Map<number, number>();
  /** Machines of one kind have the same offer: its needs are worked out once. */
  readonly #needs = new Map<OfferedGame, Capacity>();
  /** In the order of `REJECTIONS`. */
  readonly #rejected = new Uint32Array(REJECTIONS.length);

  constructor(index: ContainerIndex, ticket: Ticket) {
    this.#index = index;
    this.#ticket = ticket;
    this.#table = index.table;
    this.#codecs = codecBits(ticket.codecs);
    this.#players = ticket.players;
    this.#maxPricePerHour = ticket.maxPricePerHour ?? Number.POSITIVE_INFINITY;
    this.limitMs = latencyLimitMs(ticket.waitedMs);
    this.shortlist = new Shortlist(index.table, ticket.seed);
    this.#regionPaths = Float64Array.from(index.regions, (region) =>
      region ? (ticket.regionPaths.get(region.name) ?? Number.NaN) : Number.NaN,
    );
    for (const [containerId, pathMs] of ticket.paths) {
      const row = index.row(containerId);
      if (row !== undefined) this.#measured.set(row, pathMs);
    }
  }

  /** Containers whose way this player's browser measured. */
  get measuredRows(): IterableIterator<number> {
    return this.#measured.keys();
  }

  isMeasured(row: number): boolean {
    return this.#measured.size > 0 && this.#measured.has(row);
  }

  /** Milliseconds; NaN where nothing is known of the region. */
  regionPathMs(region: number): number {
    return this.#regionPaths[region] ?? Number.NaN;
  }

  /** Lists a container that is on standby, or counts why not. */
  examine(row: number, offer: OfferedGame): void {
    const rejection = this.#rejection(row, offer);
    if (rejection !== FITS) {
      this.#rejected[rejection] = (this.#rejected[rejection] ?? 0) + 1;
      return;
    }
    const measuredMs = this.#measuredMs(row);
    const regionMs = this.regionPathMs(this.#table.region(row));
    const pathSource = measuredMs >= 0 ? 'measured' : regionMs >= 0 ? 'history' : 'unknown';
    const pathMs = this.#pathMs(row);
    this.shortlist.add({ row, scoreMs: this.scoreMs(row, offer.warm), pathMs, pathSource, offer });
  }

  /** Whether a container is near enough for the ticket, as far as anybody knows the way. */
  reaches(containerId: ContainerId): boolean {
    const row = this.#index.row(containerId);
    return row !== undefined && !this.#isTooFar(row);
  }

  /** Milliseconds, whether it fits or not. */
  scoreMs(row: number, warm: boolean): number {
    return this.#pathMs(row) + this.#table.standing(row) + warmthMs(warm);
  }

  /** Whether nothing that a look at its figures tells keeps a container from taking the ticket. */
  mayFit(row: number): boolean {
    const isAffordable = this.#table.price(row) <= this.#maxPricePerHour;
    return isAffordable && (this.#table.traits(row) & this.#codecs) !== 0;
  }

  /** Whether a container, were it on standby, could take the ticket now or when it has waited longer. */
  mayTakeLater(row: number, offer: OfferedGame): boolean {
    if (!this.#table.mayCome(row)) return false;
    const rejection = this.#rejection(row, offer);
    return rejection === FITS || rejection >= TOO_FAR;
  }

  rejected(rejection: Rejection): number {
    return this.#rejected[REJECTIONS.indexOf(rejection)] ?? 0;
  }

  /** Counts so far, in the order in which a container is looked at; none that is 0. */
  rejections(): [Rejection, number][] {
    return REJECTIONS.map((one): [Rejection, number] => [one, this.rejected(one)]).filter(
      ([, count]) => count > 0,
    );
  }

  /** For what the whole pool is counted of. */
  count(rejection: Rejection, containers: number): void {
    this.#rejected[REJECTIONS.indexOf(rejection)] = containers;
  }

  /** As if nothing had been looked at. */
  startOver(): void {
    this.shortlist.clear();
    this.#rejected.fill(0);
  }

  /** In the order of `REJECTIONS`; state and game are looked at before. */
  #rejection(row: number, offer: OfferedGame): number {
    const table = this.#table;
    const traits = table.traits(row);
    if ((traits & this.#codecs) === 0) return NO_CODEC;
    if (offer.needsGpu && (traits & HAS_GPU) === 0) return NO_GPU;
    if (this.#players > offer.players) return TOO_SMALL;
    const room = this.#room(row, offer);
    if (room === TOO_SMALL) return TOO_SMALL;
    if (table.price(row) > this.#maxPricePerHour) return TOO_DEAR;
    if (this.#isTooFar(row)) return TOO_FAR;
    if (room === FULL || !table.hasSlot(row)) return FULL;
    return this.#refused(row) ? REFUSED : FITS;
  }

  #refused(row: number): boolean {
    const { refused } = this.#ticket;
    return refused.size > 0 && refused.has(this.#table.candidate(row).containerId);
  }

  /** Never where the way is not known. */
  #isTooFar(row: number): boolean {
    const measuredMs = this.#measuredMs(row);
    const knownMs = measuredMs >= 0 ? measuredMs : this.regionPathMs(this.#table.region(row));
    return knownMs > this.limitMs;
  }

  #pathMs(row: number): number {
    const measuredMs = this.#measuredMs(row);
    if (measuredMs >= 0) return measuredMs;
    const regionMs = this.regionPathMs(this.#table.region(row));
    return regionMs >= 0 ? regionMs : this.#table.ownPath(row);
  }

  /** NaN where it was not measured. */
  #measuredMs(row: number): number {
    return this.#measured.size > 0 ? (this.#measured.get(row) ?? Number.NaN) : Number.NaN;
  }

  #room(row: number, offer: OfferedGame): number {
    const needs = this.#needsOf(offer);
    if (this.#table.fitsFree(row, needs)) return FITS;
    return this.#table.fitsEmpty(row, needs) ? FULL : TOO_SMALL;
  }

  #needsOf(offer: OfferedGame): Capacity {
    const known = this.#needs.get(offer);
    if (known) return known;
    const needs = sessionNeeds(offer.needs, this.#ticket.settings);
    this.#needs.set(offer, needs);
    return needs;
  }
}
