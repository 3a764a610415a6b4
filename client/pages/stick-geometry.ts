export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where a thumb has pushed the on-screen stick. */
export interface StickPush {
  /** Centre of the stick after this move, CSS pixels. */
  readonly origin: Point;
  /** The knob, relative to the origin, CSS pixels; never farther than the radius. */
  readonly knob: Point;
  /** What the game is told, right and down positive; the length is 0 to 1. */
  readonly value: Point;
}

/** Share of the radius in which a resting thumb trembles without steering. */
const DEAD_ZONE = 0.12;

/**
 * The stick's state for a thumb at `thumb`. A thumb that slides beyond the rim drags the stick
 * along, so that turning back takes effect at once instead of after the way out.
 */
export function pushStick(origin: Point, thumb: Point, radiusPx: number): StickPush {
  const dx = thumb.x - origin.x;
  const dy = thumb.y - origin.y;
  const length = Math.hypot(dx, dy);
  if (length === 0) return { origin, knob: { x: 0, y: 0 }, value: { x: 0, y: 0 } };
  const reach = Math.min(length, radiusPx);
  const ux = dx / length;
  const uy = dy / length;
  const strength = Math.max(reach / radiusPx - DEAD_ZONE, 0) / (1 - DEAD_ZONE);
  const overshoot = length - reach;
  return {
    origin: { x: origin.x + ux * overshoot, y: origin.y + uy * overshoot },
    knob: { x: ux * reach, y: uy * reach },
    value: { x: ux * strength, y: uy * strength },
  };
}
