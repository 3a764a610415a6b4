import type { Material, SolidBuilder } from './solid-mesh.ts';

type Point = readonly [number, number, number];

const CREAM: Material = [0.96, 0.93, 0.88, 0];
const WHITE: Material = [1, 0.99, 0.97, 0];
const CORAL: Material = [0.98, 0.35, 0.27, 0.12];
const GRAPHITE: Material = [0.17, 0.18, 0.25, 0];
const GLASS: Material = [0.08, 0.12, 0.22, 0];
const JET: Material = [0.55, 1, 0.92, 1];
const RIM: Material = [0.25, 0.75, 0.75, 0.7];

/** Half of a hull's cross-section at `z`, mirrored: keel, chines, gunwales, deck. */
function section(x: number, z: number, half: number, keel: number, deck: number): Point[] {
  const right: Point[] = [
    [half * 0.7, -keel * 0.4, z],
    [half, deck * 0.6, z],
    [half * 0.82, deck, z],
  ];
  const left = right.map(([px, py, pz]): Point => [x - px, py, pz]).reverse();
  return [
    [x, -keel, z],
    ...right.map(([px, py, pz]): Point => [x + px, py, pz]),
    [x, deck + half * 0.12, z],
    ...left,
  ];
}

function addHull(builder: SolidBuilder): void {
  const rings = [
    section(0, -2.7, 0.72, 0.36, 0.42),
    section(0, -1.2, 0.86, 0.46, 0.46),
    section(0, 0.8, 0.76, 0.46, 0.5),
    section(0, 2.5, 0.44, 0.34, 0.55),
    section(0, 3.9, 0.04, 0.02, 0.6),
  ];
  builder.part([0, 0.1, 0.4]);
  builder.loft(rings, [CORAL, CREAM, CORAL, WHITE, WHITE, CORAL, CREAM, CORAL]);
  builder.cap(rings[0] ?? [], GRAPHITE);
}

function addCanopy(builder: SolidBuilder): void {
  const ring = (z: number, half: number, top: number): Point[] => [
    [half, 0.48, z],
    [half * 0.78, 0.48 + top * 0.7, z],
    [half * 0.3, 0.48 + top, z],
    [-half * 0.3, 0.48 + top, z],
    [-half * 0.78, 0.48 + top * 0.7, z],
    [-half, 0.48, z],
  ];
  const rings = [
    ring(-1.1, 0.46, 0.3),
    ring(-0.5, 0.5, 0.55),
    ring(0.6, 0.42, 0.5),
    ring(1.9, 0.1, 0.08),
  ];
  builder.part([0, 0.5, 0.2]);
  builder.loft(rings, [GLASS, GLASS, CORAL, GLASS, GLASS, GLASS]);
  builder.cap(rings[0] ?? [], GLASS);
}

function addOutriggers(builder: SolidBuilder): void {
  for (const x of [-1.62, 1.62]) {
    const rings = [
      section(x, -2.3, 0.16, 0.1, 0.22),
      section(x, -1.0, 0.25, 0.2, 0.26),
      section(x, 0.6, 0.2, 0.18, 0.28),
      section(x, 1.7, 0.02, 0.01, 0.3),
    ];
    builder.part([x, 0.08, -0.6]);
    builder.loft(rings, [CORAL, CREAM, WHITE, WHITE, WHITE, WHITE, CREAM, CORAL]);
    builder.cap(rings[0] ?? [], CORAL);
    builder.box([x - 0.05, 0.2, -2.25], [x + 0.05, 0.34, -1.6], JET);
  }
  builder.box([-1.6, 0.25, -1.5], [1.6, 0.36, -0.4], WHITE);
  builder.box([-1.3, 0.361, -1.42], [1.3, 0.372, -1.22], CORAL);
}

function addTail(builder: SolidBuilder): void {
  for (const side of [-1, 1]) {
    const x = side * 0.58;
    builder.part([x, 0.7, -2.3]);
    const inner: Point[] = [
      [x - 0.04, 0.42, -1.7],
      [x - 0.04, 1.12, -2.5],
      [x - 0.04, 1.12, -2.85],
      [x - 0.04, 0.42, -2.6],
    ];
    const outer = inner.map(([px, py, pz]): Point => [px + 0.08, py, pz]);
    builder.loft([inner, outer], [CREAM]);
    builder.cap(inner, CREAM);
    builder.cap(outer, CREAM);
  }
  builder.box([-1.02, 1.1, -2.95], [1.02, 1.17, -2.42], CORAL);
  builder.box([-1.04, 1.07, -2.97], [-0.96, 1.3, -2.4], WHITE);
  builder.box([0.96, 1.07, -2.97], [1.04, 1.3, -2.4], WHITE);
}

function addJets(builder: SolidBuilder): void {
  for (const x of [-0.34, 0.34]) {
    const ring = (z: number, radius: number): Point[] =>
      Array.from({ length: 8 }, (_, i): Point => {
        const angle = ((i + 0.5) / 8) * 2 * Math.PI;
        return [x + radius * Math.cos(angle), 0.12 + radius * Math.sin(angle), z];
      });
    builder.part([x, 0.12, -2.8]);
    builder.loft([ring(-2.6, 0.24), ring(-2.95, 0.27)], [GRAPHITE]);
    builder.part([x, 0.12, -2.5]);
    builder.loft([ring(-2.95, 0.27), ring(-2.96, 0.2)], [RIM]);
    builder.cap(ring(-2.93, 0.2), JET);
  }
}

function addFoils(builder: SolidBuilder): void {
  for (const x of [-1.1, 1.1]) builder.box([x - 0.05, -1.05, 0.2], [x + 0.05, 0.3, 0.62], GRAPHITE);
  builder.box([-1.6, -1.06, 0.1], [1.6, -0.98, 0.6], GRAPHITE);
  builder.box([-0.05, -1.05, -2.3], [0.05, -0.1, -1.95], GRAPHITE);
}

/** The hydrofoil, bow towards +z, about 7 m long; the water line at rest is y = 0. */
export function addBoat(builder: SolidBuilder): void {
  addFoils(builder);
  addHull(builder);
  addCanopy(builder);
  addOutriggers(builder);
  addTail(builder);
  addJets(builder);
}
