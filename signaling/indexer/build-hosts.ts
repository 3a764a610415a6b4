import type { BuildId } from '../../protocol/studio-builds.ts';
import { type CataloguedBuild, runtimeBits } from './build-catalogue.ts';
import type { BuildHost, OfferedGame } from './candidate.ts';
import { RowSet } from './row-set.ts';
import type { RowTable } from './row-table.ts';

/** Containers that run the same kinds of build. */
export interface HostGroup {
  /** See {@link runtimeBits}. */
  readonly runtimes: number;
  /** In no order. */
  readonly rows: readonly number[];
  /** Those of them on standby. */
  readonly onStandby: number;
}

interface Group {
  readonly runtimes: number;
  readonly rows: number[];
  onStandby: number;
}

interface Warm {
  readonly rows: RowSet;
  count: number;
}

/** Which containers run which kinds of studios' builds, and which builds lie on whose disk. */
export class BuildHosts {
  /** By the runtimes; few. */
  readonly #groups: Group[] = [];
  /** By row. */
  readonly #runtimes: number[] = [];
  /** By row: its place among the rows of its group. */
  readonly #places: number[] = [];
  readonly #warm = new Map<BuildId, Warm>();

  get groups(): readonly HostGroup[] {
    return this.#groups;
  }

  /** See {@link runtimeBits}; 0 where it plays no builds. */
  runtimes(row: number): number {
    return this.#runtimes[row] ?? 0;
  }

  /** Containers that have a build on their disk. */
  warm(buildId: BuildId): RowSet | undefined {
    return this.#warm.get(buildId)?.rows;
  }

  runs(row: number, { runtime }: CataloguedBuild): boolean {
    return (this.runtimes(row) & runtime) !== 0;
  }

  /** What a container that runs a build offers. @param warm where the build lies on a disk. */
  offer(
    row: number,
    build: CataloguedBuild,
    table: RowTable,
    warm = this.warm(build.buildId),
  ): OfferedGame {
    const isWarm = warm?.has(row) ?? false;
    return table.isFastEnough(row, build.needs)
      ? build.offer(table.hasKnownGpu(row), isWarm)
      : build.offerOn(table.candidate(row), isWarm);
  }

  add(row: number, { runtimes, warm }: BuildHost): void {
    const bits = runtimeBits(runtimes);
    this.#runtimes[row] = bits;
    if (bits === 0) return;
    const group = this.#groupOf(bits);
    this.#places[row] = group.rows.push(row) - 1;
    for (const buildId of warm) this.#noteWarm(row, buildId);
  }

  /** @param builds as they were added. */
  remove(row: number, { warm }: BuildHost): void {
    const bits = this.runtimes(row);
    this.#runtimes[row] = 0;
    if (bits === 0) return;
    const { rows } = this.#groupOf(bits);
    const place = this.#places[row] ?? 0;
    const last = rows.pop();
    // The last one takes the free place.
    if (last !== undefined && last !== row) {
      rows[place] = last;
      this.#places[last] = place;
    }
    for (const buildId of warm) this.#forgetWarm(row, buildId);
  }

  /** A container has come on standby, or is not any more. */
  countStandby(row: number, by: 1 | -1): void {
    const bits = this.runtimes(row);
    if (bits !== 0) this.#groupOf(bits).onStandby += by;
  }

  #groupOf(runtimes: number): Group {
    const known = this.#groups.find((group) => group.runtimes === runtimes);
    if (known) return known;
    const group = { runtimes, rows: [], onStandby: 0 };
    this.#groups.push(group);
    return group;
  }

  #noteWarm(row: number, buildId: BuildId): void {
    const known = this.#warm.get(buildId) ?? { rows: new RowSet(), count: 0 };
    this.#warm.set(buildId, known);
    // A container may name one twice.
    if (known.rows.has(row)) return;
    known.rows.set(row, true);
    known.count++;
  }

  #forgetWarm(row: number, buildId: BuildId): void {
    const known = this.#warm.get(buildId);
    if (!known?.rows.has(row)) return;
    known.rows.set(row, false);
    if (--known.count === 0) this.#warm.delete(buildId);
  }
}
