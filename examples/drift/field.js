// What lies ahead: stars to swing around, motes to gather, stones to miss. Made as the comet comes
// near, forgotten behind it; the same seed makes the same field.

export const MOTE_REACH = 36;
const STAR_GAP = 350;
/** So far the way is free of stones. */
const CALM = 2600;
/** Units beyond the view that are kept. */
const MARGIN = 500;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export class Field {
  stars = [];
  motes = [];
  stones = [];
  /** Far points of light, which the camera passes slowly. */
  points = [];
  #random;
  #nextX = 0;
  #lastY = 0;

  constructor(seed) {
    this.#random = randomFrom(seed);
    for (let i = 0; i < 150; i++) {
      this.points.push({
        x: this.#random(),
        y: this.#random() - 0.5,
        depth: 0.04 + 0.22 * this.#random() ** 2,
        phase: this.#random() * 7,
        size: 0.5 + this.#random() * 0.9,
      });
    }
  }

  /** Makes what comes into view and drops what has left it. */
  extend(left, right) {
    while (this.#nextX < right + MARGIN) this.#addStar();
    for (const list of [this.stars, this.motes, this.stones]) {
      while (list.length > 0 && list[0].x < left - MARGIN) list.shift();
    }
  }

  /** The star that a thread thrown from here would catch. */
  starFrom(x, y, range) {
    let best;
    let least = range;
    for (const star of this.stars) {
      // Those ahead are a little nearer than they are.
      const away = Math.hypot(star.x - x, star.y - y) - (star.x > x ? 40 : 0);
      if (away < least) {
        least = away;
        best = star;
      }
    }
    return best;
  }

  #addStar() {
    const random = this.#random;
    const x = this.#nextX;
    const turn = (random() - 0.5) * 380;
    const y = Math.max(-200, Math.min(200, this.#lastY * 0.5 + turn));
    const star = { x, y, radius: 84 + random() * 46, phase: random() * 7 };
    this.stars.push(star);
    this.#addMotes(star);
    if (x > CALM) this.#addStones(x, Math.min(3, 1 + Math.floor(x / 6000)));
    this.#lastY = y;
    this.#nextX += STAR_GAP * (0.88 + random() * 0.3);
  }

  #addMotes(star) {
    const random = this.#random;
    const ember = star.x > CALM && random() < 0.1;
    const count = ember ? 1 : 4 + Math.floor(random() * 3);
    const from = random() * Math.PI * 2;
    for (let i = 0; i < count; i++) {
      const angle = from + i * 0.42;
      this.motes.push({
        x: star.x + Math.cos(angle) * star.radius,
        y: star.y + Math.sin(angle) * star.radius,
        phase: random() * 7,
        ember,
        taken: false,
      });
    }
  }

  #addStones(x, most) {
    const random = this.#random;
    for (let i = 0; i < most; i++) {
      if (random() > 0.62) continue;
      const corners = 5 + Math.floor(random() * 3);
      this.stones.push({
        x: x + STAR_GAP * (0.35 + random() * 0.3),
        y: (random() - 0.5) * 620,
        driftY: (random() - 0.5) * 44,
        size: 24 + random() * 24,
        angle: random() * 7,
        spin: (random() - 0.5) * 0.8,
        corners: Array.from({ length: corners }, (_, n) => ({
          angle: (n / corners) * Math.PI * 2 + (random() - 0.5) * 0.5,
          reach: 0.8 + random() * 0.3,
        })),
      });
    }
  }
}
