// The loop: a title, runs, pauses, and what is written over them.

import { readBest, writeBest } from './best-score.js';
import { write } from './letters.js';
import { PlayerInput } from './player-input.js';
import { LIGHTS, Run } from './run.js';
import { drawRun, GOLD, INK } from './scene.js';
import { Sky, VIEW_HEIGHT } from './sky.js';
import { Sound } from './sound.js';

/** A frame that took longer is not made up for. */
const MAX_STEP_S = 0.05;
/** After the end, before a press begins again. */
const REST_S = 0.9;
/** Words of how to play stay this long. */
const LESSON_S = 9;

const SILENT = { hold() {}, mote() {}, ember() {}, stone() {}, end() {} };

class Drift {
  #sky = new Sky(document.querySelector('canvas'));
  #sound = new Sound();
  #input = new PlayerInput(window);
  #best = 0;
  /** title, run, pause or over. */
  #scene = 'title';
  #sceneS = 0;
  #timeS = 0;
  #lastMs;
  #run = new Run(7, SILENT);

  async start() {
    this.#best = await readBest();
    this.#sound.setScene(false);
    requestAnimationFrame((nowMs) => this.#frame(nowMs));
  }

  #frame(nowMs) {
    requestAnimationFrame((ms) => this.#frame(ms));
    const dtS = Math.min(MAX_STEP_S, (nowMs - (this.#lastMs ?? nowMs)) / 1000);
    this.#lastMs = nowMs;
    this.#timeS += dtS;
    this.#sceneS += dtS;
    this.#listen();
    this.#advance(dtS);
    this.#draw();
  }

  #listen() {
    const { pressed, paused, lost } = this.#input.read();
    if (this.#scene === 'run' && (paused || lost)) this.#enter('pause');
    else if (this.#scene === 'pause' && (paused || pressed)) this.#enter('run');
    else if (this.#scene === 'title' && (pressed || paused)) this.#begin();
    else if (this.#scene === 'over' && pressed && this.#sceneS > REST_S) this.#begin();
  }

  #enter(scene) {
    this.#scene = scene;
    this.#sceneS = 0;
    this.#sound.setScene(scene === 'run');
    if (scene !== 'run') this.#sound.setHum(0, 0);
  }

  #begin() {
    this.#sound.press();
    this.#run = new Run(Math.floor(Math.random() * 2 ** 31), {
      hold: () => this.#input.rumble(0.12, 40),
      mote: (chain) => this.#sound.mote(chain + 2),
      ember: () => this.#sound.ember(),
      stone: () => {
        this.#sound.stone();
        this.#input.rumble(1, 260);
      },
      end: () => this.#finish(),
    });
    this.#enter('run');
  }

  #finish() {
    this.#sound.end();
    this.#input.rumble(0.8, 500);
    const { score10 } = this.#run;
    if (score10 > this.#best) {
      this.#best = score10;
      writeBest(score10);
    }
    this.#enter('over');
  }

  #advance(dtS) {
    const run = this.#run;
    const width = this.#sky.viewWidth;
    if (this.#scene === 'pause') return;
    if (this.#scene === 'title') {
      // Nothing ends the show.
      run.duskX = run.comet.x - 3000;
      run.field.stones.length = 0;
      run.update(dtS, pilot(run), width);
    } else run.update(dtS, this.#input, width);
    if (this.#scene === 'run') {
      const { star, speed } = run.comet;
      this.#sound.setHum(star ? 1 : 0, (speed - 280) / 280);
    }
    this.#follow(dtS);
  }

  #follow(dtS) {
    const { camera, viewWidth } = this.#sky;
    const { comet, shock, timeS } = this.#run;
    const ahead = comet.star ? comet.star.x + viewWidth * 0.16 : comet.x + viewWidth * 0.2;
    const pull = timeS < 0.1 ? 1 : 1 - Math.exp(-dtS * 2.6);
    camera.x += (ahead - camera.x) * pull;
    camera.y += (comet.y * 0.12 - camera.y) * pull;
    camera.x += Math.sin(this.#timeS * 71) * shock * shock * 6;
    camera.y += Math.sin(this.#timeS * 83) * shock * shock * 6;
  }

  #draw() {
    const sky = this.#sky;
    const behind = (this.#run.comet.x - this.#run.duskX) / 700;
    sky.begin(Math.max(0, 1 - behind));
    const bright = this.#scene === 'run' ? 1 : 0.42;
    sky.brightness += (bright - sky.brightness) * 0.08;
    drawRun(sky, this.#run, this.#timeS);
    if (this.#scene === 'title') this.#drawTitle();
    else this.#drawScore();
    if (this.#scene === 'pause') this.#drawWords('PAUSED', 'PRESS TO GO ON', 1);
    if (this.#scene === 'over') this.#drawEnd();
    sky.end();
  }

  #drawTitle() {
    const sky = this.#sky;
    const middle = sky.viewWidth / 2;
    const rise = Math.min(1, this.#sceneS / 1.6);
    write(sky, 'DRIFT', middle, 200, 118, INK, {
      align: 0.5,
      spacing: 4,
      weight: 0.03,
      glow: 0.13,
      light: rise,
    });
    const beat = 0.62 + 0.3 * Math.sin(this.#timeS * 2.4);
    write(sky, 'HOLD TO SWING · LET GO TO FLY', middle, 402, 15, INK, {
      align: 0.5,
      light: rise * 0.7,
    });
    write(sky, 'PRESS SPACE, A OR CLICK', middle, 452, 19, GOLD, {
      align: 0.5,
      light: rise * beat,
    });
    if (this.#best > 0) {
      write(sky, `BEST ${this.#best}`, middle, VIEW_HEIGHT - 76, 15, INK, {
        align: 0.5,
        light: 0.5 * rise,
      });
    }
  }

  #drawScore() {
    const sky = this.#sky;
    const run = this.#run;
    const right = sky.viewWidth - 36;
    write(sky, String(run.score10), right, 34, 26, INK, { align: 1, light: 0.9 });
    if (run.chain > 1) {
      const fade = Math.min(1, Math.max(0, run.chainS));
      write(sky, `×${run.chain}`, right, 78, 18, GOLD, { align: 1, light: fade });
    }
    for (let i = 0; i < LIGHTS; i++) {
      const x = 46 + i * 34;
      const on = i < run.lights;
      sky.mark(x, 46, x, 46, on ? 6.5 : 3, on ? 20 : 3, on ? GOLD : INK, on ? 0.95 : 0.22);
    }
    const lesson = Math.min(1, LESSON_S - run.timeS, run.timeS * 2);
    if (this.#scene === 'run' && lesson > 0) {
      const words = 'HOLD TO SWING AROUND A STAR · LET GO TO FLY';
      write(sky, words, sky.viewWidth / 2, VIEW_HEIGHT - 62, 14, INK, {
        align: 0.5,
        light: lesson * 0.6,
      });
    }
  }

  #drawEnd() {
    const { score10, lights } = this.#run;
    const light = Math.min(1, this.#sceneS * 1.4);
    this.#drawWords(lights > 0 ? 'THE DUSK CAME' : 'LIGHTS OUT', 'PRESS TO DRIFT AGAIN', light);
    const middle = this.#sky.viewWidth / 2;
    const best = score10 >= this.#best && score10 > 0;
    const words = best ? `${score10} · YOUR BEST` : `${score10} · BEST ${this.#best}`;
    write(this.#sky, words, middle, 352, 24, best ? GOLD : INK, { align: 0.5, light });
  }

  #drawWords(title, hint, light) {
    const sky = this.#sky;
    const middle = sky.viewWidth / 2;
    write(sky, title, middle, 250, 52, INK, {
      align: 0.5,
      spacing: 3,
      weight: 0.04,
      glow: 0.14,
      light,
    });
    const beat = 0.62 + 0.3 * Math.sin(this.#timeS * 2.4);
    write(sky, hint, middle, 424, 16, GOLD, { align: 0.5, light: light * beat });
  }
}

/** Plays by itself behind the title. */
function pilot({ comet, field }) {
  const next = field.stars.find(({ x }) => x > comet.x + 40);
  if (comet.star) {
    const after = field.stars.find(({ x }) => x > comet.star.x + 1);
    const towards = after ? Math.atan2(after.y - comet.y, after.x - comet.x) : 0;
    const off = Math.abs(
      Math.atan2(Math.sin(towards - comet.angle), Math.cos(towards - comet.angle)),
    );
    return { held: comet.x < comet.star.x || off > 0.35, steer: 0, aim: undefined };
  }
  const near = next && Math.hypot(next.x - comet.x, next.y - comet.y) < next.radius + 12;
  const aim = next && Math.atan2(next.y + next.radius * 0.8 - comet.y, next.x - comet.x);
  return { held: Boolean(near), steer: 0, aim };
}

try {
  await new Drift().start();
} catch (error) {
  const words = document.createElement('p');
  words.textContent = `Drift cannot run here: ${error.message}`;
  document.body.replaceChildren(words);
  throw error;
}
