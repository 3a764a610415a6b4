import { Random } from './random.ts';
import type { Material, SolidBuilder } from './solid-mesh.ts';

type Point = readonly [number, number, number];

export const ROCK_SHAPES = 3;
const SIDES = 6;
const FOAM: Material = [1, 0.96, 0.95, 0.55];
const STONES: readonly Material[] = [
  [0.3, 0.27, 0.38, 0],
  [0.36, 0.31, 0.42, 0],
  [0.26, 0.24, 0.35, 0],
];
const MOSS: Material = [0.52, 0.36, 0.42, 0];

function ring(random: Random, y: number, radius: number, rough: number): Point[] {
  return Array.from({ length: SIDES }, (_, i): Point => {
    const angle = ((i + random.between(-0.25, 0.25)) / SIDES) * 2 * Math.PI;
    const r = radius * (1 + random.between(-rough, rough));
    return [
      r * Math.cos(angle),
      y * (1 + random.between(-rough, rough) * 0.5),
      r * Math.sin(angle),
    ];
  });
}

/** A sea stack of radius 1 and height 1 on the water, in a collar of foam. */
export function addRock(builder: SolidBuilder, shape: number): void {
  const random = new Random(101 + shape);
  const lean = random.between(-0.18, 0.18);
  const foot = ring(random, -0.05, 1, 0.08);
  const waist = ring(random, 0.45, 0.86, 0.14);
  const shoulder = ring(random, 0.82, 0.55, 0.2).map(([x, y, z]): Point => [x + lean, y, z]);
  const top: Point = [lean * 1.6, 1.04, random.between(-0.1, 0.1)];

  // The collar lies flat: its light must come from above.
  builder.part([0, -50, 0]);
  const inner = foot.map(([x, , z]): Point => [x * 0.9, 0.02, z * 0.9]);
  const outer = foot.map(([x, , z], i): Point => {
    const reach = 1.24 + 0.2 * (i % 2) + random.between(0, 0.12);
    return [x * reach, 0.02, z * reach];
  });
  builder.loft([inner, outer], [FOAM]);

  builder.part([0, 0.3, 0]);
  builder.loft([foot, waist], STONES);
  builder.loft([waist, shoulder], [STONES[1] ?? MOSS, STONES[0] ?? MOSS]);
  for (let i = 0; i < SIDES; i++) {
    const [a, b] = [shoulder[i], shoulder[(i + 1) % SIDES]];
    if (a && b) builder.triangle(a, b, top, i % 3 === 0 ? MOSS : (STONES[1] ?? MOSS));
  }
}
