import { CAPACITY_PARTS, type Capacity } from '../../protocol/capacity.ts';
import { VIDEO_CODECS, type VideoCodec } from '../../protocol/stream-settings.ts';
import type { Candidate } from './candidate.ts';
import { PARAMETERS } from './parameters.ts';
import { accountOf, headroomMs, sumMs, unknownPathMs } from './score.ts';
import { hashOf } from './tie-break.ts';

/** Doubles a row: with eight of them it is one line of the processor's cache. */
const FIGURES = 8;
const STANDING = 0;
/** Four parts. */
const FREE = 1;
const PRICE = 5;
const OWN_PATH = 6;

const CAPACITY = CAPACITY_PARTS.length;

/** What a standing is the sum of, to sum it anew. */
const ACCOUNT = 4;
const P95 = 0;
const BELIEVED = 1;
const FAILING = 2;
const HEADROOM = 3;

/** Integers a row. */
const MARKS = 8;
const HASH = 0;
const REGION = 1;
/** Two for each ladder: bucket and place in it. */
const RUNGS = 2;

/** The lowest bits are codecs, in the order of `VIDEO_CODECS`. */
export const HAS_GPU = 1 << 8;
const STANDBY = 1 << 9;
const MAY_COME = 1 << 10;
const HAS_SLOT = 1 << 11;
/** And it is known how much memory it has. */
const KNOWN_GPU = 1 << 12;

const FIRST_ROWS = 64;

/** Which of a region's two orders: see region-ladders.ts. */
export type Order = 0 | 1;

/** The codecs as bits. */
export function codecBits(codecs: Iterable<VideoCodec>): number {
  let bits = 0;
  for (const codec of codecs) bits |= 1 << VIDEO_CODECS.indexOf(codec);
  return bits;
}

/**
 * What a decision reads of the containers, side by side in typed arrays: looking at a hundred thousand
 * objects would take longer than the whole decision may. A container is a row; a row left is used anew.
 */
export class RowTable {
  #figures = new Float64Array(FIRST_ROWS * FIGURES);
  #capacities = new Float64Array(FIRST_ROWS * CAPACITY);
  #accounts = new Float64Array(FIRST_ROWS * ACCOUNT);
  #marks = new Int32Array(FIRST_ROWS * MARKS);
  /** By themselves, so that those of a whole pool stay in the cache: most refusals follow from them. */
  #traits = new Uint16Array(FIRST_ROWS);
  readonly #candidates: (Candidate | undefined)[] = [];
  readonly #unused: number[] = [];
  #usualClickToPhotonMs: number = PARAMETERS.usualClickToPhotonMs;
  /** Rows from this one on keep a standing of before {@link setUsual}, unless they were settled since. */
  #settledTo = Number.POSITIVE_INFINITY;

  /** @returns the row of a new container, in no ladder. */
  add(candidate: Candidate): number {
    const row = this.#unused.pop() ?? this.#candidates.length;
    if (row * FIGURES >= this.#figures.length) this.#grow();
    this.#candidates[row] = candidate;
    const mark = row * MARKS;
    this.#marks[mark + HASH] = hashOf(candidate.containerId);
    this.#traits[row] = 0;
    this.#marks.fill(-1, mark + RUNGS, mark + MARKS);
    return row;
  }

  remove(row: number): void {
    this.#candidates[row] = undefined;
    this.#unused.push(row);
  }

  write(row: number, candidate: Candidate, region: number): void {
    const previous = this.#candidates[row];
    this.#candidates[row] = candidate;
    const { capacity, free, pricePerHour, roundTripMs } = candidate;
    this.#figures[row * FIGURES + PRICE] = pricePerHour;
    this.#figures[row * FIGURES + OWN_PATH] = unknownPathMs(roundTripMs);
    CAPACITY_PARTS.forEach((part, i) => {
      this.#capacities[row * CAPACITY + i] = capacity[part];
      // More free than there is would let in what never fits.
      this.#figures[row * FIGURES + FREE + i] = Math.min(free[part], capacity[part]);
    });
    const { clickToPhotonP95Ms, believed, failingMs } = accountOf(candidate.quality);
    const account = row * ACCOUNT;
    this.#accounts[account + P95] = clickToPhotonP95Ms;
    this.#accounts[account + BELIEVED] = believed;
    this.#accounts[account + FAILING] = failingMs;
    this.#accounts[account + HEADROOM] = headroomMs(candidate);
    const sameCodecs = previous?.codecs === candidate.codecs;
    const codecs = sameCodecs ? (this.#traits[row] ?? 0) & (HAS_GPU - 1) : 0;
    this.#traits[row] = (codecs || codecBits(candidate.codecs)) | traitsOf(candidate);
    this.#marks[row * MARKS + REGION] = region;
  }

  /** Rows there have been at once: some may be nobody's now. */
  get length(): number {
    return this.#candidates.length;
  }

  has(row: number): boolean {
    return this.#candidates[row] !== undefined;
  }

  /** The first row that is not settled for what is usual now; infinite where all are. */
  get settledTo(): number {
    return this.#settledTo;
  }

  /** All rows before this one are settled. */
  setSettledTo(row: number): void {
    this.#settledTo = row;
  }

  /** From now on every standing is by this; each row is to be settled for it in time. */
  setUsual(clickToPhotonMs: number): void {
    this.#usualClickToPhotonMs = clickToPhotonMs;
    this.#settledTo = 0;
  }

  /** Sums its standing anew, and keeps it. */
  settle(row: number): void {
    this.#figures[row * FIGURES + STANDING] = this.#standingNow(row);
  }

  #standingNow(row: number): number {
    const at = row * ACCOUNT;
    const account = {
      clickToPhotonP95Ms: this.#accounts[at + P95] ?? 0,
      believed: this.#accounts[at + BELIEVED] ?? 0,
      failingMs: this.#accounts[at + FAILING] ?? 0,
    };
    const headroom = this.#accounts[at + HEADROOM] ?? 0;
    return sumMs(account, this.#usualClickToPhotonMs, headroom, this.price(row));
  }

  /** Of its recent sessions, milliseconds; NaN where nothing is believed of them. */
  clickToPhotonP95(row: number): number {
    const at = row * ACCOUNT;
    return (this.#accounts[at + BELIEVED] ?? 0) > 0
      ? (this.#accounts[at + P95] ?? Number.NaN)
      : Number.NaN;
  }

  /** @throws Error for a row nobody has. */
  candidate(row: number): Candidate {
    const candidate = this.#candidates[row];
    if (!candidate) throw new Error(`row ${row} of the indexer is empty`);
    return candidate;
  }

  /** Milliseconds, not negative. */
  standing(row: number): number {
    if (row >= this.#settledTo) return this.#standingNow(row);
    return this.#figures[row * FIGURES + STANDING] ?? 0;
  }

  /** The path term where nobody knows the way, milliseconds. */
  ownPath(row: number): number {
    return this.#figures[row * FIGURES + OWN_PATH] ?? 0;
  }

  price(row: number): number {
    return this.#figures[row * FIGURES + PRICE] ?? 0;
  }

  hash(row: number): number {
    return this.#marks[row * MARKS + HASH] ?? 0;
  }

  region(row: number): number {
    return this.#marks[row * MARKS + REGION] ?? 0;
  }

  isOnStandby(row: number): boolean {
    return this.#has(row, STANDBY);
  }

  /** Whether it is not on standby now but will be, if all goes well. */
  mayCome(row: number): boolean {
    return this.#has(row, MAY_COME);
  }

  hasSlot(row: number): boolean {
    return this.#has(row, HAS_SLOT);
  }

  /** Its codecs, see {@link codecBits}, and {@link HAS_GPU} among others. */
  traits(row: number): number {
    return this.#traits[row] ?? 0;
  }

  fitsFree(row: number, needs: Capacity): boolean {
    const at = row * FIGURES + FREE;
    return fitsAt(this.#figures, at, needs);
  }

  fitsEmpty(row: number, needs: Capacity): boolean {
    return fitsAt(this.#capacities, row * CAPACITY, needs);
  }

  /** Whether it would do what is asked of encoder and processors, were it empty. */
  isFastEnough(row: number, { pixelsPerSecond, cpus }: Capacity): boolean {
    const at = row * CAPACITY;
    return (
      pixelsPerSecond <= (this.#capacities[at] ?? 0) && cpus <= (this.#capacities[at + 1] ?? 0)
    );
  }

  /** Whether it has a real GPU, and memory of that is reckoned with. */
  hasKnownGpu(row: number): boolean {
    return this.#has(row, KNOWN_GPU);
  }

  /** The bucket of a ladder that a row is in; negative in none. */
  bucket(row: number, order: Order): number {
    return this.#marks[row * MARKS + RUNGS + 2 * order] ?? -1;
  }

  /** Its place in that bucket. */
  place(row: number, order: Order): number {
    return this.#marks[row * MARKS + RUNGS + 2 * order + 1] ?? -1;
  }

  setRung(row: number, order: Order, bucket: number, place: number): void {
    const at = row * MARKS + RUNGS + 2 * order;
    this.#marks[at] = bucket;
    this.#marks[at + 1] = place;
  }

  #has(row: number, traits: number): boolean {
    return ((this.#traits[row] ?? 0) & traits) !== 0;
  }

  #grow(): void {
    this.#figures = twice(this.#figures, new Float64Array(2 * this.#figures.length));
    this.#capacities = twice(this.#capacities, new Float64Array(2 * this.#capacities.length));
    this.#accounts = twice(this.#accounts, new Float64Array(2 * this.#accounts.length));
    this.#marks = twice(this.#marks, new Int32Array(2 * this.#marks.length));
    this.#traits = twice(this.#traits, new Uint16Array(2 * this.#traits.length));
  }
}

function twice<T extends Float64Array | Int32Array | Uint16Array>(old: T, grown: T): T {
  grown.set(old);
  return grown;
}

function traitsOf({ gpu, capacity, state, freeSlots }: Candidate): number {
  return (
    (gpu === 'none' ? 0 : HAS_GPU) |
    (gpu === 'hardware' && capacity.gpuMemoryBytes > 0 ? KNOWN_GPU : 0) |
    (state === 'standby' ? STANDBY : 0) |
    (state === 'busy' || state === 'joining' ? MAY_COME : 0) |
    (freeSlots >= 1 ? HAS_SLOT : 0)
  );
}

/** The parts in the order of `CAPACITY_PARTS`. */
function fitsAt(parts: Float64Array, at: number, needs: Capacity): boolean {
  return (
    needs.pixelsPerSecond <= (parts[at] ?? 0) &&
    needs.cpus <= (parts[at + 1] ?? 0) &&
    needs.memoryBytes <= (parts[at + 2] ?? 0) &&
    needs.gpuMemoryBytes <= (parts[at + 3] ?? 0)
  );
}
