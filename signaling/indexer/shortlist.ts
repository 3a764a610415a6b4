import { MAX_RANKED, type RankedContainer } from '../../protocol/pairing-decision.ts';
import type { OfferedGame } from './candidate.ts';
import type { RowTable } from './row-table.ts';
import { tieKey } from './tie-break.ts';

/** A container that could take the session. */
export interface Contender {
  readonly row: number;
  readonly scoreMs: number;
  /** See tie-break.ts. */
  readonly tieKey: number;
  readonly pathMs: number;
  readonly pathSource: RankedContainer['pathSource'];
  readonly offer: OfferedGame;
}

/** The best containers met so far, best first, at most `MAX_RANKED`. */
export class Shortlist {
  readonly #table: RowTable;
  readonly #seed: number;
  readonly #contenders: Contender[] = [];

  constructor(table: RowTable, seed: number) {
    this.#table = table;
    this.#seed = seed;
  }

  get contenders(): readonly Contender[] {
    return this.#contenders;
  }

  get isFull(): boolean {
    return this.#contenders.length >= MAX_RANKED;
  }

  /** Nothing that scores more gets in any more; infinite while there is room. */
  get limitMs(): number {
    if (!this.isFull) return Number.POSITIVE_INFINITY;
    return this.#contenders.at(-1)?.scoreMs ?? Number.POSITIVE_INFINITY;
  }

  /** Whether a row gets in that scores this, or more: a cheap no for most. */
  admits(row: number, leastMs: number): boolean {
    const { limitMs } = this;
    if (leastMs !== limitMs) return leastMs < limitMs;
    const last = this.#contenders.at(-1);
    return last === undefined || this.#key(row) <= last.tieKey;
  }

  add(contender: Omit<Contender, 'tieKey'>): void {
    if (!this.admits(contender.row, contender.scoreMs)) return;
    const entry = { ...contender, tieKey: this.#key(contender.row) };
    let at = this.#contenders.length;
    for (; at > 0; at--) {
      const ahead = this.#contenders[at - 1];
      if (ahead && this.#isBefore(ahead, entry)) break;
    }
    this.#contenders.splice(at, 0, entry);
    if (this.#contenders.length > MAX_RANKED) this.#contenders.pop();
  }

  clear(): void {
    this.#contenders.length = 0;
  }

  #isBefore(one: Contender, other: Contender): boolean {
    if (one.scoreMs !== other.scoreMs) return one.scoreMs < other.scoreMs;
    if (one.tieKey !== other.tieKey) return one.tieKey < other.tieKey;
    // Two ids in 2^32 share a hash: then the ids themselves.
    const { containerId } = this.#table.candidate(one.row);
    return containerId < this.#table.candidate(other.row).containerId;
  }

  #key(row: number): number {
    return tieKey(this.#seed, this.#table.hash(row));
  }
}
