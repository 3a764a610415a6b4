/** One train of waves: deep-water dispersion, ω = √(g k). */
interface WaveTrain {
  /** Wave vector, radians a metre. */
  readonly kx: number;
  readonly kz: number;
  /** Radians a second. */
  readonly omega: number;
  /** Metres. */
  readonly amplitude: number;
}

const GRAVITY = 9.81;
const TWO_PI = 2 * Math.PI;

function train(lengthM: number, amplitude: number, directionRad: number): WaveTrain {
  const k = TWO_PI / lengthM;
  return {
    kx: k * Math.sin(directionRad),
    kz: k * Math.cos(directionRad),
    omega: Math.sqrt(GRAVITY * k),
    amplitude,
  };
}

/** Four trains from different quarters never visibly repeat; longest first. */
export const WAVES: readonly WaveTrain[] = [
  train(41, 0.5, 2.8),
  train(23, 0.3, 3.7),
  train(13, 0.17, 2.1),
  train(7.5, 0.1, 3.3),
];

/**
 * Phase of a train at (0, `z`), 0 to 2π: worked out in doubles here, so that the shader's single
 * precision only sees small numbers however far the boat has come.
 */
export function wavePhase(wave: WaveTrain, z: number, timeS: number): number {
  const phase = wave.kz * z - wave.omega * timeS;
  return phase - Math.floor(phase / TWO_PI) * TWO_PI;
}

/** The sine of two parabolas that the sea shader uses. @param phase radians */
function swell(phase: number): number {
  const turn = phase / Math.PI;
  const fold = turn - 2 * Math.floor(turn / 2 + 0.5);
  return 4 * fold * (1 - Math.abs(fold));
}

/** Height of the sea, metres: what the sea shader draws near the boat. */
export function waveHeight(x: number, z: number, timeS: number): number {
  let height = 0;
  for (const wave of WAVES) {
    height += wave.amplitude * swell(wave.kx * x + wave.kz * z - wave.omega * timeS);
  }
  return height;
}
