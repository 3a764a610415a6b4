import type { Camera } from './camera.ts';
import { PALETTE_FLOATS, writePalette } from './palette.ts';
import { SEA_BANDS_FLOATS, writeSeaBands } from './sea-mesh.ts';
import { SUNWARD } from './sun.ts';
import { WAVES, wavePhase } from './waves.ts';
import type { World } from './world.ts';

const CAMERA_AT = 16;
const NIGHT_AT = CAMERA_AT + 11;
const PALETTE_AT = CAMERA_AT + 16;
const WAVES_AT = PALETTE_AT + PALETTE_FLOATS;
const BANDS_AT = WAVES_AT + 4 * WAVES.length;

/** Floats of the `Frame` of the shaders. */
export const FRAME_FLOATS = BANDS_AT + SEA_BANDS_FLOATS;

export interface FrameView {
  readonly world: World;
  readonly camera: Camera;
  /** Seconds the sea has moved. */
  readonly seaS: number;
  /** 1, or less behind a menu. */
  readonly light: number;
}

/** Writes what every shader knows of the frame. @returns whether stars show. */
export function writeFrame(out: Float32Array, view: FrameView): boolean {
  const { camera, world } = view;
  const { boat } = world;
  out.set(camera.viewProjection, 0);
  out[CAMERA_AT] = camera.x;
  out[CAMERA_AT + 1] = camera.y;
  out[CAMERA_AT + 2] = camera.z;
  out[CAMERA_AT + 3] = view.seaS;
  out.set(camera.right, CAMERA_AT + 4);
  out.set(camera.up, CAMERA_AT + 8);
  out.set(SUNWARD, CAMERA_AT + 12);
  writePalette(out, PALETTE_AT, boat.z, view.light);
  // Stars come out as the zenith darkens.
  const zenith = (out[PALETTE_AT] ?? 0) + (out[PALETTE_AT + 1] ?? 0) + (out[PALETTE_AT + 2] ?? 0);
  out[NIGHT_AT] = Math.min(Math.max(1 - (zenith / view.light - 0.2) / 0.45, 0), 1);
  for (let i = 0; i < WAVES.length; i++) {
    const wave = WAVES[i];
    if (!wave) continue;
    const at = WAVES_AT + 4 * i;
    out[at] = wave.kx;
    out[at + 1] = wave.kz;
    out[at + 2] = wavePhase(wave, boat.z, view.seaS);
    out[at + 3] = wave.amplitude;
  }
  const [ahead, aside] = [camera.forward[2] ?? 1, camera.forward[0] ?? 0];
  writeSeaBands(out, BANDS_AT, camera.x, boat.z, aside / ahead);
  return (out[NIGHT_AT] ?? 0) > 0;
}
