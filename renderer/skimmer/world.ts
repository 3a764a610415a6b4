import {
  Course,
  difficultyAt,
  type Pearl,
  type Rock,
  SEA_HALF_WIDTH_M,
  STRETCH_M,
} from './course.ts';
import { Scoring } from './scoring.ts';

/** What steers a boat, a player or the autopilot. */
export interface Controls {
  /** −1 hard left to 1 hard right. */
  readonly steer: number;
  readonly boost: boolean;
}

/** What happens in a world. The position is that of the thing met. */
export interface WorldListener {
  handlePearl(pearl: Pearl, points: number, chain: number): void;
  handleLine(points: number): void;
  handleNearMiss(rock: Rock, points: number): void;
  handleCrash(rock: Rock, hullsLeft: number): void;
  handleMend(): void;
}

export interface Boat {
  /** Metres right of the middle. */
  x: number;
  /** Metres from the start. */
  z: number;
  /** Radians right of straight ahead. */
  heading: number;
  /** Radians a second. */
  turnRate: number;
  /** Metres a second. */
  speed: number;
}

export const MAX_HULLS = 3;
/** Hard over, the boat heads this far off the sun, radians. */
export const MAX_HEADING = 0.62;
export const BOOST_SPEED = 20;

/** Long enough to see a rock coming at the fastest, in stretches. */
const STRETCHES_AHEAD = 4;
const STEERING_PER_S = 4.2;
const THRUST_PER_S = 1.1;
const BOOST_THRUST_PER_S = 3;
const BOOST_DRAIN_PER_S = 0.3;
/** Boost must be worth engaging, or it would stutter at every pearl. */
const BOOST_TO_ENGAGE = 0.08;
const BOOST_PER_PEARL = 0.035;
const BOOST_PER_NEAR_MISS = 0.08;
const PICK_UP_M = 2.3;
/** Boosting draws pearls in: a faster boat should not collect less. */
const BOOST_PICK_UP_M = 3.2;
const NEAR_MISS_M = 2.4;
const HULL_RADIUS_M = 0.75;
/** Thrown back far enough to see what was hit, metres a second. */
const REBOUND_SPEED = -9;
/** A boat that overlaps a rock it cannot be hurt by slides off it, metres a second. */
const SLIDE_OFF_SPEED = 9;
const SAFE_AFTER_CRASH_S = 2.2;
/** At 60 m/s one step moves one metre, less than the smallest rock. */
const STEP_S = 1 / 60;
const BANK_M = 5;

/** Speed without boost, metres a second. */
export function cruiseSpeed(z: number): number {
  return 25 + 15 * difficultyAt(z);
}

/** One run: the boat, the sea around it and the score. Pure and deterministic; knows no clock. */
export class World {
  readonly course: Course;
  readonly scoring = new Scoring();
  readonly boat: Boat = { x: 0, z: 0, heading: 0, turnRate: 0, speed: 12 };
  /** What is near, nearest stretch first. */
  readonly rocks: Rock[] = [];
  readonly pearls: Pearl[] = [];
  /** 0 to 1. */
  boost = 0.6;
  boosting = false;
  hulls = MAX_HULLS;
  /** Seconds during which no rock can hurt. */
  safeS = 0;
  timeS = 0;
  readonly #listener: WorldListener;
  #nextStretch = 0;
  /** Pearls of the line under way that were taken; −1 once one was missed. */
  #lineTaken = 0;

  constructor(seed: number, listener: WorldListener) {
    this.course = new Course(seed);
    this.#listener = listener;
    this.#extend();
  }

  get sunk(): boolean {
    return this.hulls === 0;
  }

  /** @param dtS seconds, any length: long ones are walked in small steps. */
  step(controls: Controls, dtS: number): void {
    for (let left = dtS; left > 1e-9; left -= STEP_S) this.#step(controls, Math.min(left, STEP_S));
  }

  #step(controls: Controls, dtS: number): void {
    this.timeS += dtS;
    this.safeS = Math.max(this.safeS - dtS, 0);
    this.scoring.step(dtS);
    this.#move(controls, dtS);
    this.#extend();
    if (this.sunk) return;
    this.#meetPearls();
    this.#meetRocks(dtS);
  }

  #move(controls: Controls, dtS: number): void {
    const { boat } = this;
    const engaged = this.boosting ? this.boost > 0 : this.boost >= BOOST_TO_ENGAGE;
    this.boosting = controls.boost && engaged && !this.sunk;
    if (this.boosting) this.boost = Math.max(this.boost - BOOST_DRAIN_PER_S * dtS, 0);

    const cruise = this.sunk ? 0 : cruiseSpeed(boat.z);
    const thrust = this.boosting ? BOOST_THRUST_PER_S : THRUST_PER_S;
    const wanted = cruise + (this.boosting ? BOOST_SPEED : 0);
    boat.speed += (wanted - boat.speed) * (1 - Math.exp(-thrust * dtS));

    let heading = Math.min(Math.max(controls.steer, -1), 1) * MAX_HEADING;
    const over = Math.abs(boat.x) - (SEA_HALF_WIDTH_M - BANK_M);
    if (over > 0) {
      // The current at the edge of the sea: the further out, the less the boat can head outwards.
      const outward = Math.sign(boat.x);
      const limit = MAX_HEADING * (1 - over / BANK_M);
      heading = outward * Math.min(outward * heading, limit);
    }
    const before = boat.heading;
    boat.heading += (heading - before) * (1 - Math.exp(-STEERING_PER_S * dtS));
    boat.turnRate = (boat.heading - before) / dtS;
    const ahead = boat.speed * Math.cos(boat.heading) * dtS;
    boat.x += boat.speed * Math.sin(boat.heading) * dtS;
    boat.z += ahead;
    if (!this.sunk) this.scoring.addDistance(Math.max(ahead, 0), this.boosting);
  }

  #extend(): void {
    const wanted = Math.floor(this.boat.z / STRETCH_M) + STRETCHES_AHEAD;
    while (this.#nextStretch <= wanted) {
      const stretch = this.course.stretch(this.#nextStretch++);
      dropBehind(this.rocks, this.boat.z);
      dropBehind(this.pearls, this.boat.z);
      this.rocks.push(...stretch.rocks);
      this.pearls.push(...stretch.pearls);
    }
  }

  #meetPearls(): void {
    const { boat, scoring } = this;
    const reach = this.boosting ? BOOST_PICK_UP_M : PICK_UP_M;
    for (let i = 0; i < this.pearls.length; i++) {
      const pearl = this.pearls[i];
      if (!pearl || pearl.taken) continue;
      const dz = pearl.z - boat.z;
      if (dz > reach) break;
      if (dz < -reach) {
        if (dz > -reach - 2) this.#lineTaken = -1;
        continue;
      }
      if (Math.hypot(pearl.x - boat.x, dz) > reach) continue;
      pearl.taken = true;
      this.boost = Math.min(this.boost + BOOST_PER_PEARL, 1);
      this.#listener.handlePearl(pearl, scoring.addPearl(pearl.golden), scoring.chain);
      if (pearl.golden && this.hulls < MAX_HULLS) {
        this.hulls++;
        this.#listener.handleMend();
      }
      this.#followLine(i, pearl);
    }
  }

  /** A line is complete when its last pearl is taken and none before it was missed. */
  #followLine(i: number, pearl: Pearl): void {
    const before = this.pearls[i - 1];
    const after = this.pearls[i + 1];
    const sameLine = (other: Pearl | undefined) =>
      other !== undefined && Math.abs(other.z - pearl.z) < 6;
    if (!sameLine(before)) this.#lineTaken = 0;
    if (this.#lineTaken < 0) return;
    this.#lineTaken++;
    if (sameLine(after)) return;
    this.#listener.handleLine(this.scoring.addLine());
  }

  #meetRocks(dtS: number): void {
    const { boat } = this;
    for (const rock of this.rocks) {
      const dz = rock.z - boat.z;
      if (dz > 12) break;
      if (dz < -12) continue;
      const dx = boat.x - rock.x;
      const gap = Math.hypot(dx, dz) - rock.radius - HULL_RADIUS_M;
      if (gap < 0) {
        if (this.safeS === 0) this.#crash(rock, dx);
        else boat.x += Math.sign(dx) * SLIDE_OFF_SPEED * dtS;
      } else if (dz < 0 && !rock.passed) {
        rock.passed = true;
        if (gap < NEAR_MISS_M && this.safeS === 0) {
          this.boost = Math.min(this.boost + BOOST_PER_NEAR_MISS, 1);
          this.#listener.handleNearMiss(rock, this.scoring.addNearMiss());
        }
      }
      if (this.sunk) return;
    }
  }

  #crash(rock: Rock, dx: number): void {
    const { boat } = this;
    rock.passed = true;
    this.hulls--;
    this.safeS = SAFE_AFTER_CRASH_S;
    this.boosting = false;
    this.scoring.breakChain();
    boat.speed = REBOUND_SPEED;
    boat.heading = (dx < 0 ? -1 : 1) * 0.3;
    this.#listener.handleCrash(rock, this.hulls);
  }
}

function dropBehind(things: { readonly z: number }[], z: number): void {
  let count = 0;
  while (count < things.length && (things[count]?.z ?? z) < z - 40) count++;
  things.splice(0, count);
}
