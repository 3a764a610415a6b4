import { Ladder } from './ladder.ts';
import type { RowTable } from './row-table.ts';

/**
 * The containers of one region that could take a session now, in two orders: by their standing, for
 * tickets that know the way to the region; and by standing and their own path together, for the others.
 */
export class RegionLadders {
  readonly name: string;
  readonly byStanding: Ladder;
  readonly byOwnPath: Ladder;
  /** Containers of the region, whatever their state. */
  containers = 0;
  readonly #table: RowTable;

  constructor(name: string, table: RowTable) {
    this.name = name;
    this.#table = table;
    this.byStanding = new Ladder(table, 0);
    this.byOwnPath = new Ladder(table, 1);
  }

  /** Puts a row where its figures say, or takes it out where it could take no session at all. */
  file(row: number): void {
    if (!this.#table.isOnStandby(row) || !this.#table.hasSlot(row)) {
      this.drop(row);
      return;
    }
    const standingMs = this.#table.standing(row);
    this.byStanding.put(row, standingMs);
    this.byOwnPath.put(row, this.#table.ownPath(row) + standingMs);
  }

  drop(row: number): void {
    this.byStanding.drop(row);
    this.byOwnPath.drop(row);
  }
}
