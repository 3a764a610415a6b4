import { hash, hashFraction, Random } from './random.ts';

/** Length of a stretch of sea, metres. */
export const STRETCH_M = 90;
/** Beyond this distance from the middle the current turns the boat back, metres. */
export const SEA_HALF_WIDTH_M = 34;
/** Water kept free on both sides of the lane, between the lane and a rock's edge, metres. */
export const LANE_CLEARANCE_M = 3;

/** Steepest the lane ever runs, metres sideways a metre forward: see {@link Course.laneX}. */
const LANE_SLOPE = 0.5;
const WAYPOINT_SWING_M = 11;
const DRIFT_SWING_M = 9;
/** Waypoints further apart than this make a slope of π/2 × 28 / 90 = 0.49. */
const DRIFT_STEP = 0.7;
const REPAIR_EVERY_STRETCHES = 9;
/** The first stretches are open water: room to learn the steering. */
const OPEN_STRETCHES = 1;

export interface Rock {
  readonly x: number;
  readonly z: number;
  /** Metres at the water line. */
  readonly radius: number;
  /** Metres above the water. */
  readonly height: number;
  /** Which way round it stands, radians. */
  readonly turn: number;
  passed: boolean;
}

export interface Pearl {
  readonly x: number;
  readonly z: number;
  /** Mends a hull when taken. */
  readonly golden: boolean;
  taken: boolean;
}

/** A piece of the sea, {@link STRETCH_M} long, with what floats in it, nearest first. */
export interface Stretch {
  readonly index: number;
  readonly rocks: readonly Rock[];
  readonly pearls: readonly Pearl[];
}

/** How hard the sea is this far out: 0 at the start, towards 1. */
export function difficultyAt(z: number): number {
  return 1 - Math.exp(-Math.max(z, 0) / 3200);
}

/**
 * The sea of one run. A lane winds through it that no rock reaches into, so there is always a way
 * through; most pearls lie along it, and the rocks that crowd it are there to be shaved past.
 */
export class Course {
  readonly seed: number;

  constructor(seed: number) {
    this.seed = seed;
  }

  /** Where the lane runs, metres right of the middle. Its slope stays below {@link LANE_SLOPE}. */
  laneX(z: number): number {
    const place = z / STRETCH_M;
    const index = Math.floor(place);
    const blend = (1 - Math.cos((place - index) * Math.PI)) / 2;
    return this.#waypointX(index) * (1 - blend) + this.#waypointX(index + 1) * blend;
  }

  stretch(index: number): Stretch {
    const random = new Random(hash(this.seed, 7919 * index + 1));
    return { index, rocks: this.#rocks(index, random), pearls: this.#pearls(index, random) };
  }

  #waypointX(index: number): number {
    if (index <= 0) return 0;
    const swing = (hashFraction(this.seed, index) * 2 - 1) * WAYPOINT_SWING_M;
    return swing + DRIFT_SWING_M * Math.sin(index * DRIFT_STEP) * Math.min(index / 4, 1);
  }

  #rocks(index: number, random: Random): Rock[] {
    if (index < OPEN_STRETCHES) return [];
    const difficulty = difficultyAt(index * STRETCH_M);
    const count = Math.round(3 + 7 * difficulty + random.next() * 2);
    const clearance = LANE_CLEARANCE_M + 1.6 * (1 - difficulty);
    const slot = STRETCH_M / count;
    const rocks: Rock[] = [];
    for (let i = 0; i < count; i++) {
      const z = index * STRETCH_M + (i + random.between(0.15, 0.85)) * slot;
      const radius = random.between(1.5, 2.6) + (random.next() < 0.22 ? 1.8 : 0);
      // Half of them crowd the lane; the others are scenery with teeth.
      const spread = random.next() < 0.5 ? random.between(0, 5) : random.between(5, 30);
      const laneX = this.laneX(z);
      const side = laneX > 14 ? -1 : laneX < -14 ? 1 : random.next() < 0.5 ? -1 : 1;
      // A lane that runs at a slope passes closer than the sideways distance says.
      const reach = (radius + clearance) * Math.sqrt(1 + LANE_SLOPE * LANE_SLOPE);
      rocks.push({
        x: laneX + side * (reach + spread),
        z,
        radius,
        height: radius * random.between(0.9, 2.1),
        turn: random.next() * 2 * Math.PI,
        passed: false,
      });
    }
    return rocks;
  }

  #pearls(index: number, random: Random): Pearl[] {
    if (index < OPEN_STRETCHES || random.next() < 0.12) return [];
    const count = 8 + Math.floor(random.next() * 5);
    const spacing = 5.5;
    const start = index * STRETCH_M + random.between(4, STRETCH_M - count * spacing);
    const bulge = random.between(-2.4, 2.4);
    const waves = random.next() < 0.35 ? 2 : 1;
    const goldenLast = index % REPAIR_EVERY_STRETCHES === REPAIR_EVERY_STRETCHES - 1;
    const pearls: Pearl[] = [];
    for (let i = 0; i < count; i++) {
      const z = start + i * spacing;
      const along = i / (count - 1);
      pearls.push({
        x: this.laneX(z) + bulge * Math.sin(along * Math.PI * waves),
        z,
        golden: goldenLast && i === count - 1,
        taken: false,
      });
    }
    return pearls;
  }
}
