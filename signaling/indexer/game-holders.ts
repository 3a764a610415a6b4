import { CAPACITY_PARTS } from '../../protocol/capacity.ts';
import type { OfferedGame } from './candidate.ts';
import type { Holders } from './holders.ts';
import type { OfferKey } from './offer-key.ts';
import { RowSet } from './row-set.ts';
import type { RowTable } from './row-table.ts';

/** A hundred kinds of machine, warm and cold: where there are more, those of before are forgotten. */
const KNOWN_OFFERS = 200;

/** Every container that tells of one game as its own. */
export class GameHolders implements Holders {
  /** Those of them on standby. */
  onStandby = 0;
  readonly #gameId: OfferKey;
  readonly #table: RowTable;
  /** The rows as a set, and those of them it is warm on. */
  readonly #holding = new RowSet();
  readonly #warm = new RowSet();
  readonly #rows: number[] = [];
  readonly #offers: OfferedGame[] = [];
  /** Where each row keeps its place here: see {@link remove}. */
  readonly #ordinals: number[] = [];
  /** Machines of one kind offer the same: kept as one object, it stays in the processor's cache. */
  readonly #known = new Map<string, OfferedGame>();

  constructor(gameId: OfferKey, table: RowTable) {
    this.#gameId = gameId;
    this.#table = table;
  }

  get size(): number {
    return this.#rows.length;
  }

  row(place: number): number {
    return this.#rows[place] ?? -1;
  }

  offer(place: number): OfferedGame | undefined {
    return this.#offers[place];
  }

  has(row: number): boolean {
    return this.#holding.has(row);
  }

  isWarm(row: number): boolean {
    return this.#warm.has(row);
  }

  offerOf(row: number): OfferedGame | undefined {
    return this.#holding.has(row) ? this.#table.candidate(row).games.get(this.#gameId) : undefined;
  }

  /**
   * @param ordinal the game's, among those of the container.
   * @returns its place.
   */
  add(row: number, ordinal: number, offer: OfferedGame): number {
    this.#holding.set(row, true);
    this.#warm.set(row, offer.warm);
    this.#ordinals.push(ordinal);
    this.#offers.push(this.#same(offer));
    return this.#rows.push(row) - 1;
  }

  replace(place: number, offer: OfferedGame): void {
    this.#offers[place] = this.#same(offer);
    this.#warm.set(this.row(place), offer.warm);
  }

  /** The last one takes the free place; `moved` is told of it. */
  remove(place: number, moved: (row: number, ordinal: number, place: number) => void): void {
    this.#holding.set(this.row(place), false);
    this.#warm.set(this.row(place), false);
    const row = this.#rows.pop();
    const offer = this.#offers.pop();
    const ordinal = this.#ordinals.pop();
    if (row === undefined || offer === undefined || ordinal === undefined) return;
    if (place === this.#rows.length) return;
    this.#rows[place] = row;
    this.#offers[place] = offer;
    this.#ordinals[place] = ordinal;
    moved(row, ordinal, place);
  }

  #same(offer: OfferedGame): OfferedGame {
    const key = keyOf(offer);
    const known = this.#known.get(key);
    if (known) return known;
    if (this.#known.size >= KNOWN_OFFERS) this.#known.clear();
    this.#known.set(key, offer);
    return offer;
  }
}

function keyOf({ needs, players, warm, needsGpu }: OfferedGame): string {
  const { pixelsPerSecond, cpus, memoryBytes, gpuMemoryBytes } = needs;
  return `${pixelsPerSecond} ${cpus} ${memoryBytes} ${gpuMemoryBytes} ${players} ${warm} ${needsGpu}`;
}

export function sameOffer(one: OfferedGame, other: OfferedGame): boolean {
  return (
    one === other ||
    (one.warm === other.warm &&
      one.players === other.players &&
      one.needsGpu === other.needsGpu &&
      CAPACITY_PARTS.every((part) => one.needs[part] === other.needs[part]))
  );
}
