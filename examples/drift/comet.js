// How the comet moves: straight ahead, bent a little by hand, and around a star while its thread holds.

const SPEED = 300;
const MOST_SPEED = 560;
/** Each unit of the way makes it this much faster. */
const HASTE = 0.011;
/** Gained in a second on a thread; lost in a second without. */
const SWING_GAIN = 70;
const FREE_LOSS = 60;
/** Radians a second that the stick turns it by. */
const STEER = 2.1;
const THREAD = 290;
const TRAIL_POINTS = 46;
const TRAIL_STEP_S = 1 / 60;
export const COMET_RADIUS = 11;
/** Beyond this the sky bends the way back. */
const EDGE = 320;

export class Comet {
  x = 0;
  y = 0;
  angle = 0;
  speed = SPEED;
  /** The star it hangs on. */
  star;
  /** Seconds during which nothing hurts it. */
  safeS = 0;
  trail = [];
  #radius = 0;
  #turn = 1;
  #trailS = 0;

  constructor(x, y, angle) {
    this.x = x;
    this.y = y;
    this.angle = angle;
  }

  get ease() {
    return Math.min(SPEED + Math.max(0, this.x) * HASTE, 430);
  }

  /** `steer`: −1 to 1, turns up or down. `aim`: angle to turn to, if any. */
  move(dtS, { steer, aim }) {
    this.safeS = Math.max(0, this.safeS - dtS);
    if (this.star) this.#swing(dtS);
    else this.#fly(dtS, steer, aim);
    this.#trailS += dtS;
    if (this.#trailS < TRAIL_STEP_S) return;
    this.#trailS %= TRAIL_STEP_S;
    this.trail.push({ x: this.x, y: this.y });
    if (this.trail.length > TRAIL_POINTS) this.trail.shift();
  }

  /** Throws the thread; true where it caught a star. */
  hold(field) {
    this.star = field.starFrom(this.x, this.y, THREAD);
    if (!this.star) return false;
    const dx = this.x - this.star.x;
    const dy = this.y - this.star.y;
    this.#radius = Math.max(40, Math.hypot(dx, dy));
    const across = Math.cos(this.angle) * -dy + Math.sin(this.angle) * dx;
    this.#turn = across >= 0 ? 1 : -1;
    return true;
  }

  letGo() {
    this.star = undefined;
  }

  /** Thrown back from a stone. */
  bounce(fromX, fromY) {
    this.star = undefined;
    this.angle = Math.atan2(this.y - fromY, Math.max(60, this.x - fromX));
    this.speed = SPEED * 0.8;
    this.safeS = 1.8;
  }

  #fly(dtS, steer, aim) {
    this.angle += steer * STEER * dtS;
    if (aim !== undefined) this.angle += turnTo(this.angle, aim) * Math.min(1, 3.2 * dtS);
    // The sky is a river: near its banks, and against the stream, the comet is turned.
    const bank = Math.max(0, Math.abs(this.y) - EDGE) / 60;
    if (bank > 0)
      this.angle += turnTo(this.angle, this.y > 0 ? -0.5 : 0.5) * Math.min(1, bank * 3 * dtS);
    if (Math.cos(this.angle) < 0.3) this.angle += turnTo(this.angle, 0) * Math.min(1, 0.9 * dtS);
    this.speed = Math.max(this.ease, this.speed - FREE_LOSS * dtS);
    this.x += Math.cos(this.angle) * this.speed * dtS;
    this.y += Math.sin(this.angle) * this.speed * dtS;
  }

  #swing(dtS) {
    this.speed = Math.min(MOST_SPEED, this.speed + SWING_GAIN * dtS);
    // The thread shortens towards the ring of motes.
    this.#radius +=
      (Math.min(this.#radius, this.star.radius) - this.#radius) * Math.min(1, 2.4 * dtS);
    const from = Math.atan2(this.y - this.star.y, this.x - this.star.x);
    const to = from + (this.#turn * this.speed * dtS) / this.#radius;
    this.x = this.star.x + Math.cos(to) * this.#radius;
    this.y = this.star.y + Math.sin(to) * this.#radius;
    this.angle = to + (this.#turn * Math.PI) / 2;
  }
}

/** The short way round from one angle to another. */
function turnTo(from, to) {
  return Math.atan2(Math.sin(to - from), Math.cos(to - from));
}
