/** Colours of one hour of the evening, display-referred red, green, blue. */
type Colour = readonly [number, number, number];

interface Hour {
  readonly zenith: Colour;
  readonly mid: Colour;
  readonly low: Colour;
  readonly horizon: Colour;
  /** The disc. */
  readonly sun: Colour;
  /** Added around the disc and on facets that mirror it. */
  readonly glow: Colour;
  /** Water seen from above. */
  readonly deep: Colour;
  readonly foam: Colour;
}

const AMBER: Hour = {
  zenith: [0.13, 0.17, 0.4],
  mid: [0.5, 0.33, 0.54],
  low: [0.95, 0.5, 0.4],
  horizon: [1, 0.76, 0.46],
  sun: [1, 0.96, 0.8],
  glow: [0.62, 0.4, 0.16],
  deep: [0.05, 0.12, 0.27],
  foam: [1, 0.9, 0.84],
};
const ROSE: Hour = {
  zenith: [0.11, 0.12, 0.36],
  mid: [0.44, 0.24, 0.5],
  low: [0.92, 0.37, 0.43],
  horizon: [1, 0.62, 0.48],
  sun: [1, 0.88, 0.68],
  glow: [0.6, 0.3, 0.18],
  deep: [0.05, 0.08, 0.24],
  foam: [1, 0.85, 0.85],
};
const VIOLET: Hour = {
  zenith: [0.05, 0.06, 0.22],
  mid: [0.2, 0.16, 0.43],
  low: [0.56, 0.25, 0.53],
  horizon: [0.94, 0.46, 0.52],
  sun: [1, 0.7, 0.58],
  glow: [0.5, 0.2, 0.24],
  deep: [0.03, 0.05, 0.18],
  foam: [0.86, 0.78, 0.95],
};
const MOON: Hour = {
  zenith: [0.02, 0.04, 0.13],
  mid: [0.04, 0.1, 0.26],
  low: [0.1, 0.24, 0.42],
  horizon: [0.3, 0.52, 0.62],
  sun: [0.95, 0.98, 1],
  glow: [0.28, 0.4, 0.46],
  deep: [0.015, 0.05, 0.13],
  foam: [0.75, 0.9, 1],
};

const HOURS = [AMBER, ROSE, VIOLET, MOON, VIOLET, ROSE];
/** An hour lasts about 50 seconds of play. */
const HOUR_M = 1700;
const FIELDS = ['zenith', 'mid', 'low', 'horizon', 'sun', 'glow', 'deep', 'foam'] as const;

/** Floats {@link writePalette} writes: eight colours of four. */
export const PALETTE_FLOATS = FIELDS.length * 4;

/**
 * Writes the colours at this distance into `out` from `offset`, in the order of the shader's
 * `Palette`. @param light 1, or less to dim the picture behind a menu.
 */
export function writePalette(out: Float32Array, offset: number, z: number, light: number): void {
  const place = Math.max(z, 0) / HOUR_M;
  const index = Math.floor(place);
  // Each hour holds for a while before the next comes on.
  const t = Math.min(Math.max((place - index - 0.35) / 0.65, 0), 1);
  const blend = t * t * (3 - 2 * t);
  const from = HOURS[index % HOURS.length] ?? AMBER;
  const to = HOURS[(index + 1) % HOURS.length] ?? AMBER;
  for (let f = 0; f < FIELDS.length; f++) {
    const a = from[FIELDS[f] ?? 'deep'];
    const b = to[FIELDS[f] ?? 'deep'];
    for (let c = 0; c < 3; c++) {
      const value = (a[c] ?? 0) + ((b[c] ?? 0) - (a[c] ?? 0)) * blend;
      out[offset + 4 * f + c] = value * light;
    }
    out[offset + 4 * f + 3] = 1;
  }
}
