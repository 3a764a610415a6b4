import type { Resolution } from '../../protocol/stream-settings.ts';
import type { GameHost, Tick } from '../built-in-game.ts';
import type { PatternGame, PatternGameFactory } from '../pattern/pattern-game.ts';
import { CalibrationScene } from './calibration-scene.ts';
import { RECTANGLE_FIELDS } from './rectangle-list.ts';
import { BACKGROUND_LUMA } from './scene-picture.ts';

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function fillPlane(plane: Uint8Array, stride: number, area: Rectangle, value: number): void {
  const { x, y, width, height } = area;
  for (let row = 0; row < height; row++) {
    const start = (y + row) * stride + x;
    plane.fill(value, start, start + width);
  }
}

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
    const { fields, length } = this.#scene.rectangles;
    for (let i = 0; i < length; i++) {
      const [x = 0, y = 0, w = 0, h = 0, lumaValue = 0, blueValue = 0, redValue = 0] =
        fields.subarray(i * RECTANGLE_FIELDS, (i + 1) * RECTANGLE_FIELDS);
      fillPlane(luma, width, { x, y, width: w, height: h }, lumaValue);
      const half = { x: x / 2, y: y / 2, width: w / 2, height: h / 2 };
      fillPlane(blue, width / 2, half, blueValue);
      fillPlane(red, width / 2, half, redValue);
    }
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
