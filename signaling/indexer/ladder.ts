import type { Order, RowTable } from './row-table.ts';

/** A power of two, so that a bucket's lower edge is exact. A decision is sure two milliseconds later. */
const BUCKET_MS = 2;
/** Half a second: beyond it few containers are, and they share the last bucket, whose edge still holds. */
const BUCKETS = 256;

/**
 * Rows in buckets by a value that is the lower bound of what they can score. Within a bucket there is
 * no order: a row moves only when its value crosses an edge, which a heartbeat seldom makes it do.
 */
export class Ladder {
  readonly #table: RowTable;
  readonly #order: Order;
  readonly #buckets: (number[] | undefined)[] = [];

  constructor(table: RowTable, order: Order) {
    this.#table = table;
    this.#order = order;
  }

  /** @param valueMs not negative. */
  put(row: number, valueMs: number): void {
    const bucket = Math.min(BUCKETS - 1, Math.floor(valueMs / BUCKET_MS));
    if (this.#table.bucket(row, this.#order) === bucket) return;
    this.drop(row);
    const rows = this.#buckets[bucket] ?? [];
    this.#buckets[bucket] = rows;
    this.#table.setRung(row, this.#order, bucket, rows.length);
    rows.push(row);
  }

  /** Does nothing for a row that is not in it. */
  drop(row: number): void {
    const bucket = this.#table.bucket(row, this.#order);
    const rows = this.#buckets[bucket];
    if (!rows) return;
    const place = this.#table.place(row, this.#order);
    const last = rows.pop();
    if (last !== undefined && last !== row) {
      rows[place] = last;
      this.#table.setRung(last, this.#order, bucket, place);
    }
    this.#table.setRung(row, this.#order, -1, -1);
  }

  /** The first bucket with rows in it, from one on; -1 where there is none. */
  occupied(from: number): number {
    for (let bucket = from; bucket < this.#buckets.length; bucket++) {
      if ((this.#buckets[bucket]?.length ?? 0) > 0) return bucket;
    }
    return -1;
  }

  rows(bucket: number): readonly number[] {
    return this.#buckets[bucket] ?? [];
  }

  /** No row in it has a smaller value, milliseconds. */
  lowerEdgeMs(bucket: number): number {
    return bucket * BUCKET_MS;
  }
}
