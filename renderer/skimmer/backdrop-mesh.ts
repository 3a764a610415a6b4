import { Random } from './random.ts';
import { SUNWARD } from './sun.ts';

/** What a vertex of the backdrop belongs to, as the shader numbers it. */
const PART = { sky: 0, sun: 1, cloud: 2, farIsland: 3, star: 6 } as const;

/** The disc's radius, radians: three times the real one, as a sun this low looks. */
const SUN_RADIUS = 0.062;
/** Angles from the sun of the rings that carry the sky's colours: dense where the glow is steep. */
const SKY_RINGS = [0.061, 0.1, 0.15, 0.22, 0.31, 0.43, 0.58, 0.78, 1.02, 1.3];
const SKY_SPOKES = 28;
const SUN_SPOKES = 40;
/** The sky reaches this far under the horizon, where the sea covers the seam. */
const SKY_FOOT = -0.02;

type Direction = readonly [number, number, number];

export interface BackdropMesh {
  /** Direction, part, body: five floats a vertex. */
  readonly vertices: Float32Array<ArrayBuffer>;
  readonly indices: Uint16Array<ArrayBuffer>;
  /** The last so many indices are stars, which only show at night. */
  readonly starIndices: number;
}

const FLOATS = 5;

class BackdropBuilder {
  readonly #vertices: number[] = [];
  readonly #indices: number[] = [];

  /** Adds a vertex at this azimuth and elevation and returns its index. */
  vertex(azimuth: number, elevation: number, part: number, body: number): number {
    const flat = Math.cos(elevation);
    const x = Math.sin(azimuth) * flat;
    return this.toward([x, Math.sin(elevation), Math.cos(azimuth) * flat], part, body);
  }

  toward([x, y, z]: Direction, part: number, body: number): number {
    this.#vertices.push(x, y, z, part, body);
    return this.#vertices.length / FLOATS - 1;
  }

  triangle(a: number, b: number, c: number): void {
    this.#indices.push(a, b, c);
  }

  /** Joins two rows of vertices of the same length, given the first of each. */
  strip(first: number, second: number, segments: number, step: number): void {
    for (let i = 0; i < segments; i++) {
      const a = first + i * step;
      const b = second + i * step;
      this.triangle(a, b, a + step);
      this.triangle(b, b + step, a + step);
    }
  }

  get indexCount(): number {
    return this.#indices.length;
  }

  finish(starIndices: number): BackdropMesh {
    return {
      vertices: new Float32Array(this.#vertices),
      indices: new Uint16Array(this.#indices),
      starIndices,
    };
  }
}

/** The direction at this angle from the sun, this way round it; below the horizon, its foot. */
function aroundSun(angle: number, round: number): Direction {
  const [x, y, z] = SUNWARD;
  const flat = Math.hypot(x, z);
  const right: Direction = [z / flat, 0, -x / flat];
  const up: Direction = [(-x * y) / flat, flat, (-z * y) / flat];
  const [along, aside, above] = [
    Math.cos(angle),
    Math.sin(angle) * Math.cos(round),
    Math.sin(angle) * Math.sin(round),
  ];
  const at = (i: 0 | 1 | 2) => along * SUNWARD[i] + aside * right[i] + above * up[i];
  const height = at(1);
  if (height >= SKY_FOOT) return [at(0), height, at(2)];
  const reach = Math.hypot(at(0), at(2));
  return [at(0) / reach, SKY_FOOT, at(2) / reach];
}

function addSky(builder: BackdropBuilder): void {
  let inner = -1;
  const sunk = (ring: number, spoke: number) =>
    (aroundSun(ring, (spoke / SKY_SPOKES) * 2 * Math.PI)[1] ?? 0) <= SKY_FOOT;
  for (const [r, ring] of SKY_RINGS.entries()) {
    let first = -1;
    for (let i = 0; i <= SKY_SPOKES; i++) {
      const round = (i / SKY_SPOKES) * 2 * Math.PI;
      const index = builder.toward(aroundSun(ring, round), PART.sky, 1);
      if (first < 0) first = index;
    }
    const before = SKY_RINGS[r - 1] ?? 0;
    for (let i = 0; i < SKY_SPOKES && inner >= 0; i++) {
      // Nothing is drawn where the sea will be.
      if (sunk(before, i) && sunk(before, i + 1) && sunk(ring, i) && sunk(ring, i + 1)) continue;
      builder.strip(inner + i, first + i, 1, 1);
    }
    inner = first;
  }
}

function addSun(builder: BackdropBuilder): void {
  const centre = builder.toward(SUNWARD, PART.sun, 0.5);
  let last = -1;
  for (let i = 0; i <= SUN_SPOKES; i++) {
    const round = (i / SUN_SPOKES) * 2 * Math.PI;
    // Body reddens the lower half.
    const body = 0.5 - 0.5 * Math.sin(round);
    const index = builder.toward(aroundSun(SUN_RADIUS, round), PART.sun, body);
    if (last >= 0) builder.triangle(centre, last, index);
    last = index;
  }
}

function addStars(builder: BackdropBuilder, random: Random): void {
  for (let i = 0; i < 60; i++) {
    const azimuth = random.between(-1.2, 1.2);
    const elevation = 0.16 + 0.5 * random.next();
    const size = 0.0009 + 0.0014 * random.next() ** 3;
    const body = random.between(0.3, 1);
    const left = builder.vertex(azimuth - size, elevation, PART.star, body);
    const top = builder.vertex(azimuth, elevation + size, PART.star, body);
    const right = builder.vertex(azimuth + size, elevation, PART.star, body);
    const bottom = builder.vertex(azimuth, elevation - size, PART.star, body);
    builder.triangle(left, top, right);
    builder.triangle(left, right, bottom);
  }
}

/** Long flat lenses that thin out upwards and end in a crisp lower edge. */
function addClouds(builder: BackdropBuilder, random: Random): void {
  const segments = 8;
  for (let i = 0; i < 12; i++) {
    const elevation = 0.045 + 0.34 * (i / 12) ** 1.4 + random.between(-0.008, 0.008);
    const azimuth = random.between(-0.95, 0.95);
    const length = random.between(0.16, 0.5) * (0.6 + elevation * 1.6);
    const thickness = (0.006 + 0.03 * elevation) * random.between(0.7, 1.5);
    const body = random.between(0.28, 0.62);
    const lumps = random.between(0, 9);
    let first = -1;
    for (let s = 0; s <= segments; s++) {
      const along = (s / segments) * 2 - 1;
      const full = Math.sqrt(Math.max(1 - along * along, 0));
      const crown = full * (0.75 + 0.25 * Math.sin(lumps + s * 1.9));
      const at = azimuth + along * length;
      const solid = body * Math.min(full * 1.6, 1);
      const bottom = builder.vertex(at, elevation - thickness * 0.22 * full, PART.cloud, solid);
      builder.vertex(at, elevation + thickness * crown * 1.3, PART.cloud, 0);
      if (first < 0) first = bottom;
    }
    builder.strip(first, first + 1, segments, 2);
  }
}

/** Three ranges of islands, paler with distance, with mist at their feet. */
function addIslands(builder: BackdropBuilder, random: Random): void {
  const columns = 44;
  for (let layer = 0; layer < 3; layer++) {
    const part = PART.farIsland + layer;
    const peaks = Array.from({ length: 7 - layer }, () => {
      const side = random.next() < 0.5 ? -1 : 1;
      // The way into the sun stays open.
      const azimuth = side * random.between(0.16 + 0.1 * layer, 1.15);
      const width = random.between(0.07, 0.2) * (1 - 0.15 * layer);
      return { azimuth, width, height: width * random.between(0.22, 0.42) };
    });
    let first = -1;
    for (let c = 0; c <= columns; c++) {
      const azimuth = -1.3 + (2.6 * c) / columns;
      let height = -0.004;
      for (const peak of peaks) {
        const off = Math.abs(azimuth - peak.azimuth) / peak.width;
        if (off < 1) height = Math.max(height, peak.height * (1 - off ** 1.25));
      }
      if (height > 0) height += random.between(-0.1, 0.14) * height;
      const foot = builder.vertex(azimuth, -0.006, part, 0.45);
      builder.vertex(azimuth, height, part, 1);
      if (first < 0) first = foot;
    }
    builder.strip(first, first + 1, columns, 2);
  }
}

/** The whole backdrop in painting order. The scenery is the same in every run: it is a place. */
export function buildBackdropMesh(): BackdropMesh {
  const random = new Random(11);
  const builder = new BackdropBuilder();
  addSky(builder);
  addSun(builder);
  addClouds(builder, random);
  addIslands(builder, random);
  const before = builder.indexCount;
  addStars(builder, random);
  return builder.finish(builder.indexCount - before);
}
