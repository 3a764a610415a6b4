import { calibrationNonce } from '../../protocol/calibration-picture.ts';
import type { KeyCode } from '../../protocol/key-codes.ts';
import type { Resolution } from '../../protocol/stream-settings.ts';
import type { GameHost, Tick } from '../built-in-game.ts';
import type { InputState } from '../input-state.ts';
import { ClickTrack } from './click-track.ts';
import type { RectangleList } from './rectangle-list.ts';
import { DEFAULT_COMPLEXITY, MAX_COMPLEXITY, ScenePicture } from './scene-picture.ts';

const DIGITS: readonly KeyCode[] = [
  'Digit0',
  'Digit1',
  'Digit2',
  'Digit3',
  'Digit4',
  'Digit5',
  'Digit6',
  'Digit7',
  'Digit8',
  'Digit9',
];

/**
 * The measuring scene as flat rectangles, the same for every way of drawing them.
 *
 * The patch flips in every tick that something was pressed in: once, even for two presses, as two
 * flips would hide both. Digits, + and − change how much of the picture moves.
 */
export class CalibrationScene {
  readonly clicks = new ClickTrack();
  readonly #picture: ScenePicture;
  #complexity = DEFAULT_COMPLEXITY;
  #bright = false;
  #greeted = false;

  constructor(seed: number) {
    this.#picture = new ScenePicture(calibrationNonce(seed));
  }

  get rectangles(): RectangleList {
    return this.#picture.rectangles;
  }

  resize(resolution: Resolution): void {
    this.#picture.resize(resolution);
  }

  update(tick: Tick, host: GameHost): void {
    if (!this.#greeted) host.setCursor('crosshair');
    this.#greeted = true;
    this.#readComplexity(tick.input);
    if (tick.input.presses > 0) {
      this.#bright = !this.#bright;
      this.clicks.click();
    }
    const { frameNumber, inputSeq } = tick;
    this.#picture.compose({ frameNumber, inputSeq, bright: this.#bright }, this.#complexity);
  }

  #readComplexity(input: InputState): void {
    const digit = DIGITS.findIndex((code) => input.wasPressed(code));
    if (digit >= 0) this.#complexity = digit;
    const up = input.wasPressed('Equal') || input.wasPressed('NumpadAdd');
    const down = input.wasPressed('Minus') || input.wasPressed('NumpadSubtract');
    const wanted = this.#complexity + (up ? 1 : 0) - (down ? 1 : 0);
    this.#complexity = Math.min(MAX_COMPLEXITY, Math.max(0, wanted));
  }
}
