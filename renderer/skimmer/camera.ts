import { BOOST_SPEED, cruiseSpeed, type World } from './world.ts';

const NEAR_M = 0.4;
const FAR_M = 2000;
const BEHIND_M = 10.4;

/**
 * The chase camera: follows the boat loosely, banks with it, widens with speed and shakes with a
 * crash. Positions are relative to the boat's distance, so that single precision always suffices.
 */
export class Camera {
  /** Metres; z relative to the boat. */
  x = 0;
  y = 3;
  z = -BEHIND_M;
  /** Unit vectors to the right and up of the picture, and into it. */
  readonly right = new Float32Array([1, 0, 0]);
  readonly up = new Float32Array([0, 1, 0]);
  readonly forward = new Float32Array([0, 0, 1]);
  /** Column-major, clip depth 0 to 1. */
  readonly viewProjection = new Float32Array(16);
  #roll = 0;
  #yaw = 0;
  #rush = 0;
  #shake = 0;
  #timeS = 0;

  /** @param strength metres the picture jumps. */
  shake(strength: number): void {
    this.#shake = Math.max(this.#shake, strength);
  }

  /** Cuts to the boat instead of gliding there. */
  snapTo(world: World): void {
    this.x = world.boat.x;
    this.#roll = 0;
    this.#yaw = 0;
    this.#rush = 0;
    this.#shake = 0;
  }

  /** @param showing true on the title screen, where the camera drifts around the boat. */
  follow(world: World, dtS: number, aspect: number, showing: boolean): void {
    const { boat } = world;
    this.#timeS += dtS;
    const rush = Math.max((boat.speed - cruiseSpeed(boat.z)) / BOOST_SPEED, 0);
    this.#rush += (rush - this.#rush) * (1 - Math.exp(-4 * dtS));
    this.#yaw += (boat.heading * 0.42 - this.#yaw) * (1 - Math.exp(-5 * dtS));
    this.#roll +=
      (boat.turnRate * 0.07 + boat.heading * 0.14 - this.#roll) * (1 - Math.exp(-5 * dtS));
    this.#shake *= Math.exp(-4.5 * dtS);

    const sway = showing ? Math.sin(this.#timeS * 0.21) * 0.22 + 0.1 : 0;
    const yaw = this.#yaw - sway * 0.45;
    const behind = BEHIND_M - this.#rush * 1.1;
    const targetX = boat.x - Math.sin(this.#yaw * 1.25 - sway) * behind;
    this.x += (targetX - this.x) * (1 - Math.exp(-9 * dtS));
    this.y = 3.9 - this.#rush * 0.7 - (showing ? 0.7 : 0);
    this.z = -behind;
    const jolt = this.#shake * Math.sin(this.#timeS * 61);
    this.#orient(yaw, -0.105 + (showing ? 0.06 : 0) + jolt * 0.05, this.#roll + jolt * 0.06);
    this.#project(aspect, 0.84 + this.#rush * 0.22);
  }

  #orient(yaw: number, pitch: number, roll: number): void {
    const [sy, cy] = [Math.sin(yaw), Math.cos(yaw)];
    const [sp, cp] = [Math.sin(pitch), Math.cos(pitch)];
    const [sr, cr] = [Math.sin(roll), Math.cos(roll)];
    this.forward.set([sy * cp, sp, cy * cp]);
    const upX = -sy * sp;
    const upZ = -cy * sp;
    this.right.set([cy * cr - upX * sr, -cp * sr, -sy * cr - upZ * sr]);
    this.up.set([upX * cr + cy * sr, cp * cr, upZ * cr - sy * sr]);
  }

  #project(aspect: number, fieldOfView: number): void {
    const fy = 1 / Math.tan(fieldOfView / 2);
    const fx = fy / aspect;
    const depth = FAR_M / (FAR_M - NEAR_M);
    const m = this.viewProjection;
    for (let axis = 0; axis < 4; axis++) {
      const last = axis === 3;
      const r = last ? -this.#dot(this.right) : (this.right[axis] ?? 0);
      const u = last ? -this.#dot(this.up) : (this.up[axis] ?? 0);
      const f = last ? -this.#dot(this.forward) : (this.forward[axis] ?? 0);
      m[4 * axis] = fx * r;
      m[4 * axis + 1] = fy * u;
      m[4 * axis + 2] = depth * (last ? f - NEAR_M : f);
      m[4 * axis + 3] = f;
    }
  }

  #dot(v: Float32Array): number {
    return this.x * (v[0] ?? 0) + this.y * (v[1] ?? 0) + this.z * (v[2] ?? 0);
  }
}
