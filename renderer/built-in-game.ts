import type { CursorShape, Rumble } from './game-runtime.ts';
import type { InputState } from './input-state.ts';

/** What a game may ask of its runtime during a tick. */
export interface GameHost {
  rumble(rumble: Rumble): void;
  setCursor(shape: CursorShape): void;
}

export interface Tick {
  /** Seconds since the last tick, at most 0.1 (a longer pause is not made up for). */
  readonly dtS: number;
  /** Seconds of play so far. */
  readonly timeS: number;
  readonly frameNumber: number;
  /** Sequence number of the last input that this tick knows of; 0 while there is none. */
  readonly inputSeq: number;
  /** Held keys, pads and pointer, and what was pressed or released since the last tick. */
  readonly input: InputState;
}

/** What every game written for Rockpool's own runtimes has, whatever draws it. */
export interface BuiltInGame {
  /** Advances the game by one tick. */
  update(tick: Tick, host: GameHost): void;
  /**
   * Writes the next 10 ms of sound: interleaved stereo, 480 × 2 samples, −1 to 1. Called every
   * 10 ms on a clock of its own, between ticks.
   */
  fillSound(samples: Float32Array): void;
  save(): Uint8Array | undefined;
  close(): void;
}

export interface GameSetup {
  readonly seed: number;
  readonly save?: Uint8Array;
}
