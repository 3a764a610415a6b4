export type Direction = 'up' | 'down' | 'left' | 'right';

/** A box on the screen, CSS pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * How much a step sideways counts against a step ahead. Above 1, so that "down" prefers the card
 * below to a nearer one that is diagonal.
 */
const SIDEWAYS_COST = 2;

/** Edges that touch or overlap by this much still count as ahead: borders and rounding. */
const SLACK_PX = 4;

/** Distance between two intervals, 0 where they overlap. */
function gap(aStart: number, aEnd: number, bStart: number, bEnd: number): number {
  return Math.max(bStart - aEnd, aStart - bEnd, 0);
}

/**
 * The box to move to from `from`, or undefined where nothing lies that way.
 * @returns the index in `candidates`; `from` itself may be among them and is never chosen.
 */
export function nextInDirection(
  from: Box,
  candidates: readonly Box[],
  direction: Direction,
): number | undefined {
  let best: number | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const [index, box] of candidates.entries()) {
    const ahead = distanceAhead(from, box, direction);
    if (ahead === undefined) continue;
    const vertical = direction === 'up' || direction === 'down';
    const sideways = vertical
      ? gap(from.left, from.right, box.left, box.right)
      : gap(from.top, from.bottom, box.top, box.bottom);
    // Among boxes that are equally good, the one whose near corner lines up with ours.
    const skew = vertical ? Math.abs(box.left - from.left) : Math.abs(box.top - from.top);
    const cost = ahead + SIDEWAYS_COST * sideways + skew * 0.01;
    if (cost < bestCost) {
      best = index;
      bestCost = cost;
    }
  }
  return best;
}

function distanceAhead(from: Box, box: Box, direction: Direction): number | undefined {
  const distance =
    direction === 'up'
      ? from.top - box.bottom
      : direction === 'down'
        ? box.top - from.bottom
        : direction === 'left'
          ? from.left - box.right
          : box.left - from.right;
  return distance >= -SLACK_PX ? Math.max(distance, 0) : undefined;
}
