import { InstanceList } from './instance-list.ts';
import type { Random } from './random.ts';
import { ROCK_SHAPES } from './rock-mesh.ts';
import { FLAME, SPARK, SPLINTER, SPRAY, SPRITE_FLOATS, Spray, STREAK, type Tint } from './spray.ts';
import { waveHeight } from './waves.ts';
import type { World } from './world.ts';

/** The rows of an affine transform. */
export const SOLID_FLOATS = 12;
/** Place and opacity. */
export const FOAM_FLOATS = 4;

const FOAM: Tint = [1, 1, 1];
/** Foam in the boat's shadow. */
const SHADED: Tint = [0.78, 0.76, 0.9];
const PEARL: Tint = [0.45, 1, 0.86];
const GOLD: Tint = [1, 0.78, 0.3];
const JET: Tint = [0.3, 0.9, 0.85];
const NACRE: Tint = [0.86, 1, 0.96];
const YOLK: Tint = [1, 0.93, 0.66];
const CORE: Tint = [0.9, 1, 1];
const RUSH: Tint = [0.5, 0.45, 0.5];
const SPLINTERS: Tint = [0.95, 0.42, 0.33];
/** Rocks further off are lost in the haze. */
const ROCK_SIGHT_M = 320;
const PEARL_SIGHT_M = 230;
/** Seconds between drops at 30 m/s. */
const EMIT_EVERY_S = 0.0075;
const LIFT_M = 0.78;
const WAKE_STEPS = 16;
const WAKE_STEP_M = 0.8;

/** What of the world is drawn besides sea and sky, as lists that the renderer uploads. */
export class Scene {
  readonly boat = new InstanceList(1, SOLID_FLOATS);
  /** One list for each shape of rock. */
  readonly rocks = Array.from({ length: ROCK_SHAPES }, () => new InstanceList(32, SOLID_FLOATS));
  /** Spray. */
  readonly shards = new InstanceList(240, SPRITE_FLOATS);
  /** What glows. */
  readonly sprites = new InstanceList(360, SPRITE_FLOATS);
  /** One triangle strip; a repeated vertex parts its pieces. */
  readonly foam = new InstanceList(400, FOAM_FLOATS);
  readonly #spray: Spray;
  readonly #random: Random;
  #lift = 0;
  #roll = 0;
  #pitch = 0;
  #sinkS = 0;
  #emitS = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#spray = new Spray(random);
  }

  /** A new run: the boat rises onto its foils again. */
  reset(): void {
    this.#lift = 0;
    this.#sinkS = 0;
  }

  handlePearl(world: World, x: number, z: number, golden: boolean): void {
    this.#spray.burst(SPARK, golden ? GOLD : PEARL, x, 1.1, z - world.boat.z, golden ? 22 : 9, 4);
  }

  handleNearMiss(world: World, x: number, z: number): void {
    const side = Math.sign(x - world.boat.x);
    this.#spray.burst(SPRAY, FOAM, world.boat.x + side * 1.6, 0.4, z - world.boat.z + 1, 16, 5);
  }

  handleCrash(world: World): void {
    const { x } = world.boat;
    this.#spray.burst(SPRAY, FOAM, x, 0.4, 1.5, 70, 9);
    this.#spray.burst(SPLINTER, SPLINTERS, x, 0.9, 1, 16, 7);
    this.#spray.burst(SPARK, GOLD, x, 0.8, 1.5, 18, 8);
  }

  /** @param seaS seconds the sea has moved. */
  step(world: World, dtS: number, ahead: number, seaS: number): void {
    const { boat } = world;
    const rise = Math.min(Math.max((boat.speed - 9) / 13, 0), 1);
    this.#lift += (rise - this.#lift) * (1 - Math.exp(-2.5 * dtS));
    const roll = boat.heading * 0.42 + boat.turnRate * 0.16;
    this.#roll += (roll - this.#roll) * (1 - Math.exp(-9 * dtS));
    const pitch = 0.05 * rise + (world.boosting ? 0.07 : 0) + 0.02 * Math.sin(seaS * 2.1);
    this.#pitch += (pitch - this.#pitch) * (1 - Math.exp(-4 * dtS));
    if (world.sunk) this.#sinkS += dtS;
    this.#spray.step(dtS, ahead);
    if (!world.sunk) this.#throwSpray(world, dtS);
  }

  /** Fills the lists. */
  draw(world: World, seaS: number): void {
    for (const list of [this.boat, this.shards, this.sprites, this.foam, ...this.rocks])
      list.clear();
    this.#drawWake(world, seaS);
    this.#drawRocks(world, seaS);
    this.#drawPearls(world, seaS);
    this.#spray.draw(this.shards, this.sprites, world.boat.speed);
    this.#drawBoat(world, seaS);
  }

  #throwSpray(world: World, dtS: number): void {
    const { boat } = world;
    const random = this.#random;
    const pace = boat.speed / 30;
    this.#emitS += dtS * (world.boosting ? 1.5 : 1) * Math.min(pace, 1.5);
    while (this.#emitS > EMIT_EVERY_S) {
      this.#emitS -= EMIT_EVERY_S;
      // Two sheets off the foils, leaning out of the turn, and a plume behind the stern.
      const side = random.next() < 0.5 + boat.heading * 0.5 ? -1 : 1;
      const plume = random.next() < 0.3;
      const x = boat.x + (plume ? random.between(-0.3, 0.3) : side * 1.1);
      const z = plume ? -2.4 : random.between(-0.6, 0.5);
      const out = plume ? random.between(-0.8, 0.8) : side * random.between(0.8, 3.4) * pace;
      const up = random.between(1.2, plume ? 3 : 3.6) * pace;
      const drag = boat.speed * random.between(0.6, 0.84);
      const tint = random.next() < 0.5 ? FOAM : SHADED;
      this.#spray.emit(SPRAY, tint, x, 0.05, z, out, up, drag);
      if (world.boosting) this.#throwFlame(boat.x, boat.speed);
    }
  }

  #throwFlame(x: number, speed: number): void {
    const random = this.#random;
    const jet = x + (random.next() < 0.5 ? -0.34 : 0.34);
    const y = 0.25 + LIFT_M * this.#lift;
    const aside = random.between(-0.5, 0.5);
    this.#spray.emit(FLAME, JET, jet, y, -3.1, aside, random.between(-0.3, 0.3), speed - 15);
    if (random.next() > 0.5) return;
    const far = x + (random.next() < 0.5 ? -1 : 1) * random.between(5, 16);
    this.#spray.emit(STREAK, RUSH, far, random.between(0.6, 2.6), random.between(16, 34), 0, 0, 0);
  }

  #drawBoat(world: World, seaS: number): void {
    // While no rock can hurt, the boat flickers.
    if (world.safeS > 0 && !world.sunk && Math.floor(world.safeS * 11) % 2 === 1) return;
    const { boat } = world;
    const at = this.boat.claim();
    if (at < 0) return;
    const swell = waveHeight(boat.x, boat.z, seaS) * (0.75 - 0.45 * this.#lift);
    const sunk = Math.min(this.#sinkS, 4);
    const y = 0.12 + LIFT_M * this.#lift + swell - sunk * sunk * 0.22;
    const yaw = boat.heading;
    const pitch = this.#pitch + sunk * 0.16;
    const roll = this.#roll + sunk * 0.12;
    const [sy, cy] = [Math.sin(yaw), Math.cos(yaw)];
    const [sp, cp] = [Math.sin(pitch), Math.cos(pitch)];
    const [sr, cr] = [Math.sin(roll), Math.cos(roll)];
    // Columns: where right, up and bow point after roll, pitch and yaw.
    const bow = [sy * cp, sp, cy * cp] as const;
    const up = [-sy * sp * cr + cy * sr, cp * cr, -cy * sp * cr - sy * sr] as const;
    const right = [cy * cr + sy * sp * sr, -cp * sr, -sy * cr + cy * sp * sr] as const;
    const place = [boat.x, y, 0] as const;
    const { data } = this.boat;
    for (let row = 0; row < 3; row++) {
      data[at + 4 * row] = right[row] ?? 0;
      data[at + 4 * row + 1] = up[row] ?? 0;
      data[at + 4 * row + 2] = bow[row] ?? 0;
      data[at + 4 * row + 3] = place[row] ?? 0;
    }
    this.#drawJets(world, place, bow, up, right, seaS);
  }

  #drawJets(
    world: World,
    place: readonly [number, number, number],
    bow: readonly [number, number, number],
    up: readonly [number, number, number],
    right: readonly [number, number, number],
    seaS: number,
  ): void {
    if (world.sunk) return;
    const strength = (world.boosting ? 1 : 0.35) * (0.92 + 0.08 * Math.sin(seaS * 43));
    for (const side of [-0.34, 0.34]) {
      const x = place[0] + right[0] * side + up[0] * 0.12 - bow[0] * 3.1;
      const y = place[1] + right[1] * side + up[1] * 0.12 - bow[1] * 3.1;
      const z = place[2] + right[2] * side + up[2] * 0.12 - bow[2] * 3.1;
      this.#sprite(x, y, z, 0.42 + 0.4 * strength, 0, 1, JET, 0.7 * strength, 0);
      if (world.boosting) this.#sprite(x, y, z - 0.2, 0.24, 0, 3, CORE, 0.9, 0);
    }
  }

  #drawRocks(world: World, seaS: number): void {
    const { boat } = world;
    for (const rock of world.rocks) {
      const dz = rock.z - boat.z;
      if (dz < -14) continue;
      if (dz > ROCK_SIGHT_M) break;
      const list = this.rocks[Math.floor(rock.turn * 97) % ROCK_SHAPES];
      const at = list?.claim() ?? -1;
      if (!list || at < 0) continue;
      const { data } = list;
      const sin = Math.sin(rock.turn) * rock.radius;
      const cos = Math.cos(rock.turn) * rock.radius;
      data.fill(0, at, at + SOLID_FLOATS);
      data[at] = cos;
      data[at + 2] = sin;
      data[at + 3] = rock.x;
      data[at + 5] = rock.height;
      data[at + 7] = waveHeight(rock.x, rock.z, seaS) * 0.7;
      data[at + 8] = -sin;
      data[at + 10] = cos;
      data[at + 11] = dz;
    }
  }

  #drawPearls(world: World, seaS: number): void {
    const { boat } = world;
    for (const pearl of world.pearls) {
      const dz = pearl.z - boat.z;
      if (pearl.taken || dz < -9) continue;
      if (dz > PEARL_SIGHT_M) break;
      const tint = pearl.golden ? GOLD : PEARL;
      const size = pearl.golden ? 1.5 : 1;
      const sea = waveHeight(pearl.x, pearl.z, seaS);
      const y = 1.15 + sea * 0.6 + 0.16 * Math.sin(seaS * 3 + pearl.z * 0.35);
      // Far pearls keep a size on the picture, so that a line can be read from afar.
      const far = 1 + dz * 0.0045;
      const fade = Math.min((PEARL_SIGHT_M - dz) / 80, 1);
      if (dz < 60) this.#sprite(pearl.x, sea * 0.8 - 0.3, dz, 0.3 * size, 0.4, 1, tint, 0.35, 0);
      const hardness = dz < 90 ? 1 : 2.2;
      this.#sprite(pearl.x, y, dz, 0.75 * size * far, 0, hardness, tint, 0.5 * fade, 0);
      if (dz < 90)
        this.#sprite(pearl.x, y, dz, 0.33 * size * far, 0, 7, pearl.golden ? YOLK : NACRE, fade, 1);
    }
  }

  /** @param stretch metres drawn out upwards @param body 0 adds light, 1 covers. */
  #sprite(
    x: number,
    y: number,
    z: number,
    radius: number,
    stretch: number,
    hardness: number,
    tint: Tint,
    light: number,
    body: number,
  ): void {
    const at = this.sprites.claim();
    if (at < 0) return;
    const { data } = this.sprites;
    data[at] = x;
    data[at + 1] = y;
    data[at + 2] = z;
    data[at + 3] = radius;
    data[at + 4] = 0;
    data[at + 5] = stretch;
    data[at + 6] = 0;
    data[at + 7] = hardness;
    data[at + 8] = tint[0] * light;
    data[at + 9] = tint[1] * light;
    data[at + 10] = tint[2] * light;
    data[at + 11] = body * light;
  }

  #drawWake(world: World, seaS: number): void {
    const { boat } = world;
    if (this.#sinkS > 3) return;
    this.#drawShadow(world, seaS);
    const strength = Math.min(boat.speed / 30, 1.3) * (1 - Math.min(this.#sinkS, 1));
    const spread = world.boosting ? 0.34 : 0.26;
    for (const side of [-1, 0, 1]) {
      for (let i = 0; i <= WAKE_STEPS; i++) {
        const back = i * WAKE_STEP_M - 0.4;
        const faded = 1 - i / WAKE_STEPS;
        // The path sailed, taking the turn of this moment as lasting.
        const bend = (boat.turnRate / Math.max(boat.speed, 8)) * back * back * 0.5;
        const x = boat.x - Math.sin(boat.heading) * back + bend + side * (1.05 + back * spread);
        const half = side === 0 ? 0.13 + back * 0.012 : 0.09 + back * 0.024;
        const ragged = 0.8 + 0.2 * Math.sin(back * 5 + seaS * 37 + side);
        const opacity = (side === 0 ? 0.5 : 1.15) * faded * strength * ragged;
        const y = waveHeight(x, boat.z - back, seaS) * 0.9 + 0.04;
        if (i === 0) this.#foamVertex(x - half, y, -back, 0);
        this.#foamVertex(x - half, y, -back, opacity);
        this.#foamVertex(x + half, y, -back, opacity);
        if (i === WAKE_STEPS) this.#foamVertex(x + half, y, -back, 0);
      }
    }
  }

  #drawShadow(world: World, seaS: number): void {
    const { boat } = world;
    const y = waveHeight(boat.x, boat.z, seaS) * 0.8;
    const opacity = -0.5 * Math.max(1 - this.#sinkS, 0) + 0.16 * this.#lift;
    if (opacity >= 0) return;
    const [sin, cos] = [Math.sin(boat.heading), Math.cos(boat.heading)];
    const steps = 8;
    for (let i = 0; i <= steps; i++) {
      const along = (i / steps) * 2 - 1;
      const half = 1.5 * Math.sqrt(Math.max(1 - along * along, 0));
      const x = boat.x + sin * along * 3.2;
      const z = cos * along * 3.2 - 0.6;
      if (i === 0) this.#foamVertex(x - half, y, z, opacity);
      this.#foamVertex(x - half, y, z, opacity);
      this.#foamVertex(x + half, y, z, opacity);
      if (i === steps) this.#foamVertex(x + half, y, z, opacity);
    }
  }

  #foamVertex(x: number, y: number, z: number, opacity: number): void {
    const at = this.foam.claim();
    if (at < 0) return;
    const { data } = this.foam;
    data[at] = x;
    data[at + 1] = y;
    data[at + 2] = z;
    data[at + 3] = opacity;
  }
}
