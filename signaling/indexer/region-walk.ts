import type { ContainerIndex } from './container-index.ts';
import type { Examination } from './examination.ts';
import type { Holders } from './holders.ts';
import type { Ladder } from './ladder.ts';

/** One region on the walk. */
interface Cursor {
  readonly ladder: Ladder;
  /** See {@link ContainerIndex.slackMs}. */
  readonly slackMs: number;
  /** The way to the region, milliseconds; NaN where each container's own counts. */
  readonly pathMs: number;
  bucket: number;
  /** No container from that bucket on scores less, milliseconds. */
  boundMs: number;
}

/** What a look at a container's offer costs, in looks at its figures: it lies somewhere else. */
const OFFER_LOOKS = 8;

/** After this share of its looks without a single find, a walk will not find sixteen with the rest. */
const HOPELESS = 1 / 4;

/**
 * Looks at containers in about the order of their scores, all regions at once: always at the bucket
 * that may hold the best one left, until the shortlist is full and no bucket can better it. Those
 * whose way was measured come first, one by one.
 * @param most looks at figures it may cost.
 * @returns false where it was not certain by then.
 */
export function walkRegions(
  index: ContainerIndex,
  holders: Holders,
  examination: Examination,
  most: number,
): boolean {
  const { table } = index;
  const { shortlist } = examination;
  for (const row of examination.measuredRows) {
    const offer = holders.offerOf(row);
    if (offer && table.isOnStandby(row)) examination.examine(row, offer);
  }
  let looks = 0;
  const cursors = openCursors(index, examination);
  for (let cursor = cursors.pop(); cursor; cursor = cursors.pop()) {
    if (cursor.boundMs > shortlist.limitMs) return true;
    for (const row of cursor.ladder.rows(cursor.bucket)) {
      if (!holders.has(row) || examination.isMeasured(row)) continue;
      if (!shortlist.admits(row, examination.scoreMs(row, holders.isWarm(row)))) continue;
      if (looks++ >= (shortlist.contenders.length > 0 ? most : most * HOPELESS)) return false;
      if (!examination.mayFit(row)) continue;
      looks += OFFER_LOOKS;
      const offer = holders.offerOf(row);
      if (offer) examination.examine(row, offer);
    }
    if (advance(cursor, cursor.bucket + 1)) insert(cursors, cursor);
  }
  return true;
}

/** Worst first: the next one is the last. */
function openCursors(index: ContainerIndex, examination: Examination): Cursor[] {
  const cursors: Cursor[] = [];
  index.regions.forEach((region, number) => {
    if (!region) return;
    const pathMs = examination.regionPathMs(number);
    if (pathMs > examination.limitMs) return;
    const ladder = Number.isNaN(pathMs) ? region.byOwnPath : region.byStanding;
    const cursor = { ladder, slackMs: index.slackMs, pathMs, bucket: 0, boundMs: 0 };
    if (advance(cursor, 0)) cursors.push(cursor);
  });
  return cursors.sort((one, other) => other.boundMs - one.boundMs);
}

/** @returns false at the end of the ladder. */
function advance(cursor: Cursor, from: number): boolean {
  cursor.bucket = cursor.ladder.occupied(from);
  if (cursor.bucket < 0) return false;
  const edgeMs = cursor.ladder.lowerEdgeMs(cursor.bucket) - cursor.slackMs;
  cursor.boundMs = Number.isNaN(cursor.pathMs) ? edgeMs : cursor.pathMs + edgeMs;
  return true;
}

/** From the end: a region's next bucket is seldom far behind. */
function insert(cursors: Cursor[], cursor: Cursor): void {
  let at = cursors.length;
  while (at > 0 && (cursors[at - 1]?.boundMs ?? 0) < cursor.boundMs) at--;
  cursors.splice(at, 0, cursor);
}
