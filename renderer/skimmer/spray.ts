import type { InstanceList } from './instance-list.ts';
import type { Random } from './random.ts';

/** Centre and radius, stretch and hardness, colour: see the sprite shader. */
export const SPRITE_FLOATS = 12;

export type Tint = readonly [number, number, number];

/** How a burst of droplets looks and moves. */
export interface Droplet {
  /** Metres. */
  readonly radius: number;
  readonly lifeS: number;
  /** 0: hangs in the air; 1: falls like water. */
  readonly weight: number;
  /** A shard covers what is behind it; the others add light. */
  readonly shard: boolean;
  /** Seconds of movement it is drawn out over. */
  readonly streakS: number;
}

export const SPRAY: Droplet = { radius: 0.12, lifeS: 0.7, weight: 1, shard: true, streakS: 0.008 };
export const SPARK: Droplet = {
  radius: 0.08,
  lifeS: 0.5,
  weight: 0.25,
  shard: false,
  streakS: 0.025,
};
export const FLAME: Droplet = { radius: 0.09, lifeS: 0.26, weight: 0, shard: false, streakS: 0.03 };
export const STREAK: Droplet = {
  radius: 0.025,
  lifeS: 1.2,
  weight: 0,
  shard: false,
  streakS: 0.07,
};
export const SPLINTER: Droplet = { radius: 0.2, lifeS: 1.2, weight: 1, shard: true, streakS: 0 };

const CAPACITY = 260;
const GRAVITY = 9.81;

/** One droplet in flight. z is relative to the boat. */
interface Flight {
  droplet: Droplet;
  tint: Tint;
  x: number;
  y: number;
  z: number;
  vx: number;
  vy: number;
  vz: number;
  ageS: number;
  scale: number;
}

/** Everything small that flies: a fixed pool, so that play makes no garbage. */
export class Spray {
  readonly #flights: Flight[] = Array.from({ length: CAPACITY }, () => ({
    droplet: SPRAY,
    tint: [1, 1, 1],
    x: 0,
    y: 0,
    z: 0,
    vx: 0,
    vy: 0,
    vz: 0,
    ageS: Number.POSITIVE_INFINITY,
    scale: 1,
  }));
  readonly #random: Random;
  #next = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Throws one droplet; with the pool full the oldest gives way. Velocities in metres a second. */
  emit(
    droplet: Droplet,
    tint: Tint,
    x: number,
    y: number,
    z: number,
    vx: number,
    vy: number,
    vz: number,
  ): void {
    const flight = this.#flights[this.#next];
    this.#next = (this.#next + 1) % CAPACITY;
    if (!flight) return;
    flight.droplet = droplet;
    flight.tint = tint;
    flight.x = x;
    flight.y = y;
    flight.z = z;
    flight.vx = vx;
    flight.vy = vy;
    flight.vz = vz;
    flight.ageS = 0;
    flight.scale = this.#random.between(0.6, 1.5);
  }

  /** Throws `count` droplets in all directions. */
  burst(
    droplet: Droplet,
    tint: Tint,
    x: number,
    y: number,
    z: number,
    count: number,
    speed: number,
  ): void {
    const random = this.#random;
    for (let i = 0; i < count; i++) {
      const vx = random.between(-speed, speed);
      const vy = random.between(0.1 * speed, speed);
      this.emit(droplet, tint, x, y, z, vx, vy, random.between(-speed, speed) * 0.8);
    }
  }

  /** @param ahead metres the boat moved forward: what flies stays where it is in the world. */
  step(dtS: number, ahead: number): void {
    for (const flight of this.#flights) {
      if (flight.ageS >= flight.droplet.lifeS) continue;
      flight.ageS += dtS;
      flight.vy -= GRAVITY * flight.droplet.weight * dtS;
      flight.x += flight.vx * dtS;
      flight.y += flight.vy * dtS;
      flight.z += flight.vz * dtS - ahead;
    }
  }

  /**
   * Adds what flies to the lists of its kind.
   * @param speed of the boat, metres a second: droplets are drawn out along their apparent path.
   */
  draw(shards: InstanceList, lights: InstanceList, speed: number): void {
    for (const flight of this.#flights) {
      const { droplet, tint } = flight;
      if (flight.ageS >= droplet.lifeS || flight.y < -0.3) continue;
      const list = droplet.shard ? shards : lights;
      const at = list.claim();
      if (at < 0) continue;
      const { data } = list;
      const left = 1 - flight.ageS / droplet.lifeS;
      const light = droplet.shard ? 1 : Math.min(left * 1.6, 1);
      data[at] = flight.x;
      data[at + 1] = flight.y;
      data[at + 2] = flight.z;
      data[at + 3] = droplet.radius * flight.scale * (0.25 + 0.75 * left);
      data[at + 4] = flight.vx * droplet.streakS;
      data[at + 5] = flight.vy * droplet.streakS;
      data[at + 6] = (flight.vz - speed) * droplet.streakS;
      data[at + 7] = droplet.shard ? flight.scale * 29 + flight.ageS * 6 : 2.5;
      data[at + 8] = tint[0] * light;
      data[at + 9] = tint[1] * light;
      data[at + 10] = tint[2] * light;
      data[at + 11] = droplet === SPRAY ? 1 : 0;
    }
  }
}
