type Point = readonly [number, number, number];

/** Red, green, blue and how much of it is the surface's own light; all 0 to 1. */
export type Material = readonly [number, number, number, number];

/** Position, normal, material: ten floats a vertex. */
export const SOLID_VERTEX_FLOATS = 10;

/** Collects flat-shaded triangles. Normals point away from the centre of the part under way. */
export class SolidBuilder {
  readonly #data: number[] = [];
  #centre: Point = [0, 0, 0];

  get vertexCount(): number {
    return this.#data.length / SOLID_VERTEX_FLOATS;
  }

  /** A point inside the (roughly convex) part that the next triangles bound. */
  part(centre: Point): void {
    this.#centre = centre;
  }

  triangle(a: Point, b: Point, c: Point, material: Material): void {
    const ux = b[0] - a[0];
    const uy = b[1] - a[1];
    const uz = b[2] - a[2];
    const vx = c[0] - a[0];
    const vy = c[1] - a[1];
    const vz = c[2] - a[2];
    const nx = uy * vz - uz * vy;
    const ny = uz * vx - ux * vz;
    const nz = ux * vy - uy * vx;
    const [cx, cy, cz] = this.#centre;
    const outward = nx * (a[0] - cx) + ny * (a[1] - cy) + nz * (a[2] - cz);
    const scale = (outward < 0 ? -1 : 1) / Math.max(Math.hypot(nx, ny, nz), 1e-9);
    // Wound clockwise seen from outside, so that what faces away is culled.
    for (const p of outward < 0 ? [a, c, b] : [a, b, c])
      this.#data.push(...p, nx * scale, ny * scale, nz * scale, ...material);
  }

  quad(a: Point, b: Point, c: Point, d: Point, material: Material): void {
    this.triangle(a, b, c, material);
    this.triangle(a, c, d, material);
  }

  /** Skins rings of equally many points; `materials` names the colour of each side of a ring. */
  loft(rings: readonly (readonly Point[])[], materials: readonly Material[]): void {
    for (let r = 0; r + 1 < rings.length; r++) {
      const near = rings[r] ?? [];
      const far = rings[r + 1] ?? [];
      for (let i = 0; i < near.length; i++) {
        const j = (i + 1) % near.length;
        const [a, b, c, d] = [near[i], near[j], far[j], far[i]];
        const material = materials[i % materials.length];
        if (a && b && c && d && material) this.quad(a, b, c, d, material);
      }
    }
  }

  /** Closes a ring with a fan. */
  cap(ring: readonly Point[], material: Material): void {
    const [hub] = ring;
    for (let i = 1; i + 1 < ring.length; i++) {
      const [b, c] = [ring[i], ring[i + 1]];
      if (hub && b && c) this.triangle(hub, b, c, material);
    }
  }

  box(from: Point, to: Point, material: Material): void {
    const [x0, y0, z0] = from;
    const [x1, y1, z1] = to;
    this.part([(x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2]);
    const near: Point[] = [
      [x0, y0, z0],
      [x1, y0, z0],
      [x1, y1, z0],
      [x0, y1, z0],
    ];
    const far: Point[] = [
      [x0, y0, z1],
      [x1, y0, z1],
      [x1, y1, z1],
      [x0, y1, z1],
    ];
    this.loft([near, far], [material]);
    this.cap(near, material);
    this.cap(far, material);
  }

  finish(): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#data);
  }
}
