import type { Resolution } from '../../protocol/stream-settings.ts';
import type { GameHost, Tick } from '../built-in-game.ts';
import type { PatternGame, PatternGameFactory } from '../pattern/pattern-game.ts';
import { CalibrationScene } from './calibration-scene.ts';
import { fillRectangle } from './rectangle-list.ts';
import { BACKGROUND_LUMA } from './scene-picture.ts';

/** The measuring scene drawn on the CPU: its rectangles, plane by plane. */
class PatternCalibration implements PatternGame {
  readonly #scene: CalibrationScene;
  #size: Resolution = { width: 0, height: 0 };

  constructor(seed: number) {
    this.#scene = new CalibrationScene(seed);
  }

  resize(resolution: Resolution): void {
    this.#size = resolution;
    this.#scene.resize(resolution);
  }

  update(tick: Tick, host: GameHost): void {
    this.#scene.update(tick, host);
  }

  draw(pixels: Uint8Array): void {
    const { width, height } = this.#size;
    const lumaBytes = width * height;
    const chromaBytes = lumaBytes / 4;
    const luma = pixels.subarray(0, lumaBytes);
    const blue = pixels.subarray(lumaBytes, lumaBytes + chromaBytes);
    const red = pixels.subarray(lumaBytes + chromaBytes);
    luma.fill(BACKGROUND_LUMA);
    blue.fill(128);
    red.fill(128);
    this.#scene.rectangles.each((x, y, w, h, lumaValue, blueValue, redValue) => {
      fillRectangle(luma, width, x, y, w, h, lumaValue);
      fillRectangle(blue, width >> 1, x >> 1, y >> 1, w >> 1, h >> 1, blueValue);
      fillRectangle(red, width >> 1, x >> 1, y >> 1, w >> 1, h >> 1, redValue);
    });
  }

  fillSound(samples: Float32Array): void {
    this.#scene.clicks.fill(samples);
  }

  save(): Uint8Array | undefined {
    return undefined;
  }

  close(): void {}
}

export const createPatternCalibration: PatternGameFactory = ({ seed }) =>
  new PatternCalibration(seed);
