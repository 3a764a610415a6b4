import type { Resolution } from '../../protocol/stream-settings.ts';
import type { BuiltInGame, GameSetup } from '../built-in-game.ts';

/** A scene drawn on the CPU straight into I420: needs no GPU and costs less than 1 ms a frame. */
export interface PatternGame extends BuiltInGame {
  resize(resolution: Resolution): void;
  /** Draws the current state into `pixels`: planes Y, U, V, tightly packed. */
  draw(pixels: Uint8Array): void;
}

export type PatternGameFactory = (setup: GameSetup) => PatternGame;
