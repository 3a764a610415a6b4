/**
 * Share of a stick's way in which it counts as centred. Worn sticks of common pads rest up to 0.1
 * off centre; XInput's own default is 0.24 for the left stick, which feels numb in a racing game.
 */
export const STICK_DEAD_ZONE = 0.12;

/**
 * What a game gets of a stick that stands at x, y. Radial, so that diagonals are as free as the
 * axes; what is left is stretched to the full way.
 * @returns each −1 to 1.
 */
export function withoutDeadZone(x: number, y: number): [number, number] {
  const length = Math.hypot(x, y);
  if (length <= STICK_DEAD_ZONE) return [0, 0];
  const scale = Math.min((length - STICK_DEAD_ZONE) / (1 - STICK_DEAD_ZONE), 1) / length;
  return [x * scale, y * scale];
}

/** Where a stick stands of which a game gets x, y: the other way round. */
export function withDeadZone(x: number, y: number): [number, number] {
  const length = Math.hypot(x, y);
  if (length === 0) return [0, 0];
  const way = STICK_DEAD_ZONE + length * (1 - STICK_DEAD_ZONE);
  return [(x / length) * way, (y / length) * way];
}
