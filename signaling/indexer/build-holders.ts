import type { CataloguedBuild } from './build-catalogue.ts';
import type { BuildHosts, HostGroup } from './build-hosts.ts';
import type { OfferedGame } from './candidate.ts';
import type { Holders } from './holders.ts';
import type { RowSet } from './row-set.ts';
import type { RowTable } from './row-table.ts';

interface Build {
  readonly known: CataloguedBuild;
  /** Containers that have it on their disk. */
  readonly warm: RowSet | undefined;
}

/**
 * The containers that run one of some builds, the first of them that each can; and those that have a
 * game of their own of that name instead.
 */
export class BuildHolders implements Holders {
  readonly size: number;
  readonly onStandby: number;
  readonly #builds: readonly Build[];
  readonly #hosts: BuildHosts;
  readonly #table: RowTable;
  readonly #own: Holders | undefined;
  readonly #groups: readonly HostGroup[];
  /** Of those with a game of their own. */
  readonly #ownRows: readonly number[];
  readonly #runtimes: number;

  constructor(
    builds: readonly CataloguedBuild[],
    hosts: BuildHosts,
    table: RowTable,
    own: Holders | undefined,
  ) {
    const runtimes = builds.reduce((bits, { runtime }) => bits | runtime, 0);
    this.#builds = builds.map((known) => ({ known, warm: hosts.warm(known.buildId) }));
    this.#hosts = hosts;
    this.#table = table;
    this.#own = own;
    this.#runtimes = runtimes;
    this.#groups = hosts.groups.filter((group) => (group.runtimes & runtimes) !== 0);
    const ownRows = Array.from({ length: own?.size ?? 0 }, (_, place) => own?.row(place) ?? -1);
    this.#ownRows = ownRows.filter((row) => (hosts.runtimes(row) & runtimes) === 0);
    let size = this.#ownRows.length;
    let onStandby = this.#ownRows.filter((row) => table.isOnStandby(row)).length;
    for (const group of this.#groups) {
      size += group.rows.length;
      onStandby += group.onStandby;
    }
    this.size = size;
    this.onStandby = onStandby;
  }

  has(row: number): boolean {
    return this.#runs(row) || (this.#own?.has(row) ?? false);
  }

  isWarm(row: number): boolean {
    const build = this.#buildOf(row);
    return build ? (build.warm?.has(row) ?? false) : (this.#own?.isWarm(row) ?? false);
  }

  row(place: number): number {
    let left = place;
    for (const { rows } of this.#groups) {
      if (left < rows.length) return rows[left] ?? -1;
      left -= rows.length;
    }
    return this.#ownRows[left] ?? -1;
  }

  offer(place: number): OfferedGame | undefined {
    return this.offerOf(this.row(place));
  }

  offerOf(row: number): OfferedGame | undefined {
    const build = this.#buildOf(row);
    if (!build) return this.#own?.offerOf(row);
    return this.#hosts.offer(row, build.known, this.#table, build.warm);
  }

  #runs(row: number): boolean {
    return (this.#hosts.runtimes(row) & this.#runtimes) !== 0;
  }

  #buildOf(row: number): Build | undefined {
    for (const build of this.#builds) if (this.#hosts.runs(row, build.known)) return build;
    return undefined;
  }
}
