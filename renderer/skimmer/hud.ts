import type { HudMarks, Ink, TextStyle } from './hud-marks.ts';
import { CHAIN_LIFE_S } from './scoring.ts';
import { PAUSE_CHOICES, type Voyage } from './voyage.ts';
import { MAX_HULLS } from './world.ts';

const WHITE: Ink = [1, 0.98, 0.95];
const MINT: Ink = [0.6, 1, 0.88];
const GOLD: Ink = [1, 0.84, 0.45];
const CORAL: Ink = [1, 0.5, 0.4];
const DARK: Ink = [0.03, 0.04, 0.12];

const MARGIN = 40;
const CHOICE_TOP = 352;
const CHOICE_STEP = 66;
const TOAST_S = 1.1;

interface Toast {
  line: string;
  ink: Ink;
  ageS: number;
}

/** Index of the pause choice at this height of the picture, 0 to 1. */
export function choiceAt(y: number): number | undefined {
  const choice = Math.floor((y * 720 - CHOICE_TOP + 18) / CHOICE_STEP);
  return choice >= 0 && choice < PAUSE_CHOICES.length ? choice : undefined;
}

/** Writing on the picture: the score line, short praise, and the menus. */
export class Hud {
  readonly #toasts: Toast[] = Array.from({ length: 3 }, () => ({
    line: '',
    ink: WHITE,
    ageS: TOAST_S,
  }));
  #nextToast = 0;
  #flashS = 1;
  #pulseS = 1;

  handlePearl(): void {
    this.#pulseS = 0;
  }

  handleCrash(): void {
    this.#flashS = 0;
    this.#toast('HULL LOST', WHITE);
  }

  handleNearMiss(points: number): void {
    this.#toast(`CLOSE! +${points}`, GOLD);
  }

  handleLine(points: number): void {
    this.#toast(`FULL LINE +${points}`, MINT);
  }

  handleMend(): void {
    this.#toast('HULL MENDED', GOLD);
  }

  reset(): void {
    for (const toast of this.#toasts) toast.ageS = TOAST_S;
    this.#flashS = 1;
  }

  step(dtS: number): void {
    for (const toast of this.#toasts) toast.ageS += dtS;
    this.#flashS += dtS;
    this.#pulseS += dtS;
  }

  draw(marks: HudMarks, voyage: Voyage): void {
    switch (voyage.screen) {
      case 'title':
        this.#drawTitle(marks, voyage);
        break;
      case 'playing':
        this.#drawPlay(marks, voyage);
        this.#drawToasts(marks);
        break;
      case 'paused':
        this.#drawPlay(marks, voyage);
        this.#drawPause(marks, voyage);
        break;
      case 'over':
        this.#drawOver(marks, voyage);
        break;
    }
  }

  #drawTitle(marks: HudMarks, voyage: Voyage): void {
    const middle = marks.width / 2;
    marks.text('SKIMMER', middle, 58, {
      ink: WHITE,
      size: 104,
      anchor: 0.5,
      weight: 0.5,
      slant: 0.16,
      tracking: 0.5,
    });
    const breath = 0.84 + 0.16 * Math.cos(voyage.screenS * 3);
    caption(marks, 'PRESS TO PLAY', 584, { ink: WHITE, size: 27, opacity: breath, tracking: 1 });
    caption(marks, 'ENTER  /  CLICK  /  A', 634, { ink: MINT, size: 17, tracking: 1 });
    if (voyage.best > 0) {
      caption(marks, `BEST ${grouped(voyage.best)}`, 680, { ink: GOLD, size: 17, tracking: 0.8 });
    }
  }

  #drawPlay(marks: HudMarks, voyage: Voyage): void {
    const { scoring } = voyage.world;
    const right = marks.width - MARGIN;
    marks.text(grouped(scoring.score), MARGIN, 34, {
      ink: WHITE,
      size: 44,
      slant: 0.1,
      weight: 0.5,
    });
    if (scoring.multiplier > 1 || scoring.chain > 0) {
      const pulse = Math.max(1 - this.#pulseS * 5, 0);
      const ink = scoring.multiplier > 1 ? GOLD : MINT;
      const size = 30 + 5 * pulse;
      marks.text(`×${scoring.multiplier}`, MARGIN, 94, { ink, size, slant: 0.1, weight: 0.52 });
      meter(marks, MARGIN + 76, 107, 108, 6, scoring.chainLeftS / CHAIN_LIFE_S, ink);
    }
    const best = Math.max(voyage.best, scoring.score);
    marks.text(`BEST ${grouped(best)}`, right, 36, {
      ink: WHITE,
      size: 21,
      anchor: 1,
      opacity: 0.85,
    });
    this.#drawHulls(marks, voyage, right);
    this.#drawBoost(marks, voyage);
    if (this.#flashS < 0.35) {
      marks.bar(0, 0, marks.width, 720, CORAL, 0.34 * (1 - this.#flashS / 0.35));
    }
  }

  #drawHulls(marks: HudMarks, voyage: Voyage, right: number): void {
    for (let i = 0; i < MAX_HULLS; i++) {
      const whole = i < voyage.world.hulls;
      const x = right - (MAX_HULLS - i) * 38 + 8;
      marks.bar(x - 2, 74, 34, 14, DARK, 0.35);
      marks.bar(x, 76, 30, 10, whole ? CORAL : DARK, whole ? 1 : 0.3);
    }
  }

  #drawBoost(marks: HudMarks, voyage: Voyage): void {
    const { world } = voyage;
    const width = 300;
    const left = (marks.width - width) / 2;
    const full = world.boost > 0.99;
    const ink = world.boosting ? WHITE : full ? GOLD : MINT;
    meter(marks, left, 676, width, 10, world.boost, ink);
    marks.text('BOOST', left - 14, 673, { ink, size: 16, anchor: 1, tracking: 0.6, weight: 0.5 });
    const knots = Math.round(Math.abs(world.boat.speed) * 1.944);
    marks.text(`${knots} KN`, left + width + 14, 673, { ink: WHITE, size: 16, weight: 0.5 });
  }

  #drawToasts(marks: HudMarks): void {
    for (const { line, ink, ageS } of this.#toasts) {
      if (ageS >= TOAST_S) continue;
      const opacity = Math.min((TOAST_S - ageS) * 3, 1);
      const size = 32 + 10 * Math.max(1 - ageS * 8, 0);
      const y = 236 - 46 * Math.sqrt(ageS);
      caption(marks, line, y, { ink, size, opacity, slant: 0.12, weight: 0.5, tracking: 0.4 });
    }
  }

  #drawPause(marks: HudMarks, voyage: Voyage): void {
    caption(marks, 'PAUSED', 214, {
      ink: WHITE,
      size: 78,
      weight: 0.48,
      slant: 0.14,
      tracking: 0.6,
    });
    for (const [i, choice] of PAUSE_CHOICES.entries()) {
      const chosen = i === voyage.choice;
      const y = CHOICE_TOP + i * CHOICE_STEP;
      if (chosen) {
        marks.bar(marks.width / 2 - 150, y - 15, 300, 56, DARK, 0.4);
        marks.bar(marks.width / 2 - 150, y - 15, 5, 56, MINT, 1);
      }
      const ink = chosen ? MINT : WHITE;
      caption(marks, choice, y, { ink, size: 27, opacity: chosen ? 1 : 0.7, tracking: 0.9 });
    }
    caption(marks, 'P / ESC / START TO GO ON', 524, {
      ink: WHITE,
      size: 16,
      opacity: 0.75,
      tracking: 0.8,
    });
  }

  #drawOver(marks: HudMarks, voyage: Voyage): void {
    const { scoring, boat } = voyage.world;
    const rise = Math.min(voyage.screenS * 2.2, 1);
    const opacity = rise * rise * (3 - 2 * rise);
    const shown = Math.round(scoring.score * Math.min(voyage.screenS / 0.9, 1));
    caption(marks, 'LOST AT SEA', 112, {
      ink: WHITE,
      size: 40,
      opacity,
      slant: 0.12,
      tracking: 0.9,
    });
    caption(marks, grouped(shown), 192, {
      ink: voyage.newBest ? GOLD : WHITE,
      size: 104,
      opacity,
      weight: 0.5,
      slant: 0.12,
    });
    const verdict = voyage.newBest ? 'NEW BEST!' : `BEST ${grouped(voyage.best)}`;
    caption(marks, verdict, 326, {
      ink: voyage.newBest ? MINT : GOLD,
      size: 28,
      opacity,
      tracking: 0.8,
    });
    const km = (boat.z / 1000).toFixed(1);
    const line = `${km} KM   ${scoring.pearls} PEARLS   ${scoring.nearMisses} CLOSE   TOP ×${scoring.bestMultiplier}`;
    caption(marks, line, 384, { ink: WHITE, size: 19, opacity: opacity * 0.9, tracking: 0.6 });
    if (voyage.screenS < 1) return;
    const breath = 0.84 + 0.16 * Math.cos(voyage.screenS * 3);
    caption(marks, 'PRESS TO PLAY AGAIN', 606, {
      ink: WHITE,
      size: 26,
      opacity: breath,
      tracking: 1,
    });
  }

  #toast(line: string, ink: Ink): void {
    const toast = this.#toasts[this.#nextToast];
    this.#nextToast = (this.#nextToast + 1) % this.#toasts.length;
    // Only the newest is read at speed.
    for (const other of this.#toasts) other.ageS = TOAST_S;
    if (!toast) return;
    toast.line = line;
    toast.ink = ink;
    toast.ageS = 0;
  }
}

function caption(marks: HudMarks, line: string, y: number, style: TextStyle): void {
  marks.text(line, marks.width / 2, y, { anchor: 0.5, ...style });
}

function meter(
  marks: HudMarks,
  x: number,
  y: number,
  width: number,
  height: number,
  fraction: number,
  ink: Ink,
): void {
  marks.bar(x - 2, y - 2, width + 4, height + 4, DARK, 0.42);
  marks.bar(x, y, width * Math.min(Math.max(fraction, 0), 1), height, ink, 1);
}

/** 12345 as "12,345". */
function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
