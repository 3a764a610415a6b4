import { SEA_BANDS } from './frame-shader.ts';

interface SeaBand {
  /** Facet size across and along, metres. */
  readonly cellX: number;
  readonly cellZ: number;
  /** From and to, metres ahead of the boat. */
  readonly nearM: number;
  readonly farM: number;
}

/**
 * Facets grow with distance so that each covers a similar piece of the picture; they grow faster
 * lengthwise, where perspective squeezes them.
 */
const BANDS: readonly SeaBand[] = [
  { cellX: 2.5, cellZ: 2.8, nearM: -8, farM: 20 },
  { cellX: 5.2, cellZ: 6.6, nearM: 20, farM: 56 },
  { cellX: 11.5, cellZ: 19, nearM: 56, farM: 146 },
  { cellX: 28, cellZ: 76, nearM: 146, farM: 370 },
  { cellX: 110, cellZ: 570, nearM: 370, farM: 1500 },
];

/** Half the width in view at 1 m from the camera at its widest, with room for banking. */
const HALF_VIEW = 1.12;
const CAMERA_BEHIND_M = 10;

export interface SeaMesh {
  /** Lattice column, lattice row, band: three floats a vertex. */
  readonly vertices: Float32Array<ArrayBuffer>;
  readonly indices: Uint16Array<ArrayBuffer>;
}

/** The lattice in the order it is painted: far to near, so that crests hide what is behind them. */
export function buildSeaMesh(): SeaMesh {
  const vertices: number[] = [];
  const indices: number[] = [];
  for (let b = BANDS.length - 1; b >= 0; b--) {
    const band = BANDS[b];
    if (!band) continue;
    // The lattice snaps by up to a facet and jitters by a quarter: a row more than fits.
    const rows = Math.ceil((band.farM - band.nearM) / band.cellZ + 0.3) + 1;
    const halfAt = (row: number) => {
      const distance = band.nearM + (row + 1) * band.cellZ + CAMERA_BEHIND_M;
      return Math.ceil((HALF_VIEW * distance + 3) / band.cellX);
    };
    let nearRow = -1;
    let nearHalf = 0;
    for (let row = rows; row >= 0; row--) {
      const half = halfAt(row);
      const first = vertices.length / 3;
      for (let column = -half; column <= half; column++) vertices.push(column, row, b);
      if (nearRow >= 0) {
        for (let column = -half; column < half; column++) {
          const near = first + half + column;
          const far = nearRow + nearHalf + column;
          // The first vertex of a triangle lights it.
          indices.push(near, far, near + 1, far + 1, near + 1, far);
        }
      }
      nearRow = first;
      nearHalf = half;
    }
  }
  return { vertices: new Float32Array(vertices), indices: new Uint16Array(indices) };
}

/** Floats {@link writeSeaBands} writes. */
export const SEA_BANDS_FLOATS = SEA_BANDS * 8;
/** Jitter is taken modulo this many facets: exact in single precision, too many to see it repeat. */
const INDEX_PERIOD = 4096;

/**
 * Pins each band's lattice to the world, around where the camera looks.
 * @param x of the camera, metres @param z of the boat, metres @param yaw sideways metres a metre ahead
 */
export function writeSeaBands(
  out: Float32Array,
  offset: number,
  x: number,
  z: number,
  yaw: number,
): void {
  for (let b = 0; b < SEA_BANDS; b++) {
    const band = BANDS[b];
    if (!band) continue;
    const middle = (band.nearM + band.farM) / 2 + CAMERA_BEHIND_M;
    const column = Math.floor((x + yaw * middle) / band.cellX);
    const row = Math.floor((z + band.nearM) / band.cellZ - 0.3);
    const at = offset + 8 * b;
    out[at] = band.cellX;
    out[at + 1] = band.cellZ;
    out[at + 2] = column * band.cellX;
    out[at + 3] = row * band.cellZ - z;
    out[at + 4] = ((column % INDEX_PERIOD) + INDEX_PERIOD) % INDEX_PERIOD;
    out[at + 5] = ((row % INDEX_PERIOD) + INDEX_PERIOD) % INDEX_PERIOD;
  }
}
