// One run: from the first star until the last light is out or the dusk has come.

import { COMET_RADIUS, Comet } from './comet.js';
import { Field, MOTE_REACH } from './field.js';

export const LIGHTS = 3;
const CHAIN_S = 3;
const MOST_CHAIN = 8;
/** The dusk follows: at first slower than the comet, in the end almost as fast. */
const DUSK_START = -1300;
const DUSK_SPEED = 105;
const DUSK_HASTE = 1.5;
const DUSK_MOST = 270;
/** It never falls further behind than this. */
const DUSK_LEASH = 1300;
const STEP_S = 1 / 120;

export class Run {
  field;
  comet = new Comet(-260, 40, -0.12);
  lights = LIGHTS;
  score = 0;
  chain = 0;
  chainS = 0;
  duskX = DUSK_START;
  timeS = 0;
  over = false;
  sparks = [];
  /** How much the view shakes, 0 to 1. */
  shock = 0;
  #events;
  #furthest = 0;
  #wasHeld = true;
  #reaching = false;

  /** @param events is told `mote(chain)`, `ember()`, `stone()`, `end()`, `hold()`. */
  constructor(seed, events) {
    this.field = new Field(seed);
    this.#events = events;
  }

  get score10() {
    return Math.floor(this.score / 10) * 10;
  }

  update(dtS, input, viewWidth) {
    // Fine steps: a fast comet must not jump over a mote.
    const steps = Math.max(1, Math.ceil(dtS / STEP_S));
    for (let i = 0; i < steps && !this.over; i++) this.#step(dtS / steps, input, viewWidth);
    for (const spark of this.sparks) {
      spark.life -= dtS * spark.fade;
      spark.x += spark.vx * dtS;
      spark.y += spark.vy * dtS;
    }
    this.sparks = this.sparks.filter(({ life }) => life > 0);
    this.shock = Math.max(0, this.shock - dtS * 2.4);
  }

  #step(dtS, input, viewWidth) {
    const { comet, field } = this;
    this.timeS += dtS;
    field.extend(this.duskX, comet.x + viewWidth);
    this.#hold(input.held);
    comet.move(dtS, input);
    this.#gather();
    this.#hitStones(dtS);
    this.chainS -= dtS;
    if (this.chainS <= 0) this.chain = 0;
    const way = Math.max(0, comet.x - this.#furthest);
    this.#furthest += way;
    this.score += way * 0.1;
    const pace = Math.min(DUSK_MOST, DUSK_SPEED + this.timeS * DUSK_HASTE);
    this.duskX = Math.max(this.duskX + pace * dtS, comet.x - DUSK_LEASH);
    if (comet.x < this.duskX) this.#end();
  }

  /** A press catches the first star that comes into reach, once. */
  #hold(held) {
    if (held && !this.#wasHeld) this.#reaching = true;
    this.#wasHeld = held;
    if (!held) {
      this.#reaching = false;
      this.comet.letGo();
    } else if (this.#reaching && this.comet.hold(this.field)) {
      this.#reaching = false;
      this.#events.hold();
    }
  }

  #gather() {
    const { comet } = this;
    for (const mote of this.field.motes) {
      if (mote.taken || Math.hypot(mote.x - comet.x, mote.y - comet.y) > MOTE_REACH) continue;
      mote.taken = true;
      this.chain = Math.min(MOST_CHAIN, this.chain + 1);
      this.chainS = CHAIN_S;
      this.score += mote.ember ? 250 : 10 * this.chain;
      if (mote.ember) {
        this.lights = Math.min(LIGHTS, this.lights + 1);
        this.#events.ember();
      } else this.#events.mote(this.chain);
      this.#burst(mote.x, mote.y, mote.ember ? 26 : 9, 120, mote.ember ? 'ember' : 'mote');
    }
  }

  #hitStones(dtS) {
    const { comet } = this;
    for (const stone of this.field.stones) {
      stone.y += stone.driftY * dtS;
      stone.angle += stone.spin * dtS;
      if (Math.abs(stone.y) > 320) stone.driftY = -Math.sign(stone.y) * Math.abs(stone.driftY);
      if (comet.safeS > 0) continue;
      if (Math.hypot(stone.x - comet.x, stone.y - comet.y) > stone.size + COMET_RADIUS) continue;
      comet.bounce(stone.x, stone.y);
      this.lights--;
      this.chain = 0;
      this.shock = 1;
      this.#burst(comet.x, comet.y, 34, 260, 'stone');
      this.#events.stone();
      if (this.lights === 0) this.#end();
    }
  }

  #end() {
    this.over = true;
    this.comet.letGo();
    this.shock = 1;
    this.#burst(this.comet.x, this.comet.y, 60, 320, 'mote');
    this.#events.end();
  }

  #burst(x, y, count, speed, kind) {
    for (let i = 0; i < count; i++) {
      const angle = (i / count) * Math.PI * 2 + Math.random();
      const pace = speed * (0.25 + Math.random());
      this.sparks.push({
        x,
        y,
        vx: Math.cos(angle) * pace,
        vy: Math.sin(angle) * pace,
        life: 1,
        fade: 1.1 + Math.random() * 1.4,
        kind,
      });
    }
  }
}
