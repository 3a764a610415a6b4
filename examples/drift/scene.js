// Draws a run: far lights, dusk, stars and their threads, motes, stones, the comet and its trail.

import { VIEW_HEIGHT } from './sky.js';

export const INK = [0.78, 0.86, 1];
export const GOLD = [1, 0.78, 0.46];
const ICE = [0.34, 0.68, 1];
const MOTE = [1, 0.72, 0.36];
const EMBER = [1, 0.42, 0.3];
const STONE = [0.5, 0.4, 0.78];
const STONE_BODY = [0.035, 0.03, 0.085];
const DUSK = [0.5, 0.16, 0.42];
const WHITE = [1, 0.96, 0.9];
const SPARKS = { mote: MOTE, ember: EMBER, stone: STONE };
const NIGHT = [0.012, 0.006, 0.024];
const DUSK_STRANDS = 30;
/** How far behind the edge each glows, and how bright. */
const DUSK_VEILS = [
  [0, 0.62],
  [38, 0.26],
  [84, 0.12],
];

export function drawRun(sky, run, timeS) {
  drawPoints(sky, run, timeS);
  drawStars(sky, run, timeS);
  for (const mote of run.field.motes) if (!mote.taken) drawMote(sky, mote, timeS);
  for (const stone of run.field.stones) drawStone(sky, stone);
  drawDusk(sky, run, timeS);
  for (const { x, y, life, kind } of run.sparks) {
    sky.stroke(x, y, x, y, 0.6 + life, 5, SPARKS[kind], life * life * 0.9);
  }
  if (!run.over) drawComet(sky, run.comet, timeS);
}

function drawPoints(sky, { field }, timeS) {
  const wide = sky.viewWidth + 40;
  for (const { x, y, depth, phase, size } of field.points) {
    const passed = sky.camera.x * depth;
    const place = ((((x * wide - passed) % wide) + wide) % wide) - 20;
    const light = (0.25 + 0.75 * depth * 3) * (0.72 + 0.28 * Math.sin(timeS * 0.9 + phase));
    const down = VIEW_HEIGHT * (y + 0.5) - sky.camera.y * depth;
    sky.mark(place, down, place, down, size, 2, INK, light * 0.6);
  }
}

function drawStars(sky, { field, comet }, timeS) {
  for (const star of field.stars) {
    const held = star === comet.star;
    const breath = 0.85 + 0.15 * Math.sin(timeS * 1.3 + star.phase);
    sky.stroke(
      star.x,
      star.y,
      star.x,
      star.y,
      held ? 6 : 4.5,
      held ? 56 : 40,
      ICE,
      breath * (held ? 1.15 : 0.8),
    );
    drawRing(sky, star, held ? 0.5 : 0.16);
    if (!held) continue;
    sky.stroke(star.x, star.y, comet.x, comet.y, 0.7, 7, ICE, 0.75);
  }
}

function drawRing(sky, { x, y, radius }, light) {
  const dashes = 30;
  for (let i = 0; i < dashes; i++) {
    const from = (i / dashes) * Math.PI * 2;
    const to = from + Math.PI / dashes / 1.4;
    sky.stroke(
      x + Math.cos(from) * radius,
      y + Math.sin(from) * radius,
      x + Math.cos(to) * radius,
      y + Math.sin(to) * radius,
      0.5,
      1.5,
      ICE,
      light,
    );
  }
}

function drawMote(sky, { x, y, phase, ember }, timeS) {
  const sway = Math.sin(timeS * 2 + phase) * 3;
  const light = 0.8 + 0.2 * Math.sin(timeS * 3.1 + phase);
  if (ember) sky.stroke(x, y + sway, x, y + sway, 7, 46, EMBER, light);
  else sky.stroke(x, y + sway, x, y + sway, 3.4, 17, MOTE, light);
}

function drawStone(sky, { x, y, size, angle, corners }) {
  sky.stroke(x, y, x, y, size * 0.78, 0, STONE_BODY, 1, 1);
  const at = corners.map((corner) => [
    x + Math.cos(corner.angle + angle) * corner.reach * size,
    y + Math.sin(corner.angle + angle) * corner.reach * size,
  ]);
  for (const [i, [ax, ay]] of at.entries()) {
    const [bx, by] = at[(i + 1) % at.length];
    sky.stroke(ax, ay, bx, by, 1.3, 9, STONE, 0.7, 1);
    sky.stroke(x + (ax - x) * 0.45, y + (ay - y) * 0.45, ax, ay, 0.5, 2, STONE, 0.25);
  }
}

function drawDusk(sky, { duskX }, timeS) {
  const left = sky.camera.x - sky.viewWidth / 2;
  if (duskX < left - 120) return;
  const top = sky.camera.y - VIEW_HEIGHT / 2;
  const gap = VIEW_HEIGHT / DUSK_STRANDS;
  const edge = (y, lag) =>
    duskX -
    lag +
    24 * Math.sin(timeS * 0.9 + y * 0.009 + lag) +
    13 * Math.sin(timeS * 1.7 - y * 0.023);
  for (let i = 0; i <= DUSK_STRANDS; i++) {
    const y = top + i * gap;
    sky.stroke(left - 40, y, edge(y, 0) - gap * 0.6, y, gap * 0.6, 0, NIGHT, 1, 1);
  }
  for (const [lag, light] of DUSK_VEILS) {
    for (let i = -1; i <= DUSK_STRANDS; i++) {
      const y = top + i * gap;
      sky.stroke(edge(y, lag), y, edge(y + gap, lag), y + gap, 0.6, 34, DUSK, light);
    }
  }
}

function drawComet(sky, comet, timeS) {
  const { x, y, trail, safeS } = comet;
  const blink = safeS > 0 ? 0.45 + 0.4 * Math.sin(timeS * 26) : 1;
  let last = { x, y };
  for (let i = trail.length - 1; i >= 0; i--) {
    const point = trail[i];
    const part = (i + 1) / trail.length;
    sky.stroke(
      last.x,
      last.y,
      point.x,
      point.y,
      1.3 * part,
      15 * part,
      GOLD,
      part * part * 0.5 * blink,
    );
    last = point;
  }
  sky.stroke(x, y, x, y, 8, 52, GOLD, blink);
  sky.stroke(x, y, x, y, 5.5, 4, WHITE, blink, 1);
}
