/** The sun stands a little to the right of straight ahead, and low. */
const AZIMUTH = 0.06;
const ELEVATION = 0.082;

/** Unit vector towards the sun (or the moon that takes its place). */
export const SUNWARD: readonly [number, number, number] = [
  Math.sin(AZIMUTH) * Math.cos(ELEVATION),
  Math.sin(ELEVATION),
  Math.cos(AZIMUTH) * Math.cos(ELEVATION),
];
