import type { RockpoolError } from '../protocol/errors.ts';
import type { Resolution } from '../protocol/stream-settings.ts';
import type { BuiltInGame, GameSetup } from './built-in-game.ts';
import type { PixelFormat } from './game-runtime.ts';

/** One finished picture in memory that its painter lends out. */
export interface Picture {
  readonly format: PixelFormat;
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  /** Gives the memory back. A second call does nothing. */
  release(): void;
}

export interface PainterListener {
  /** `ready` may have turned true. */
  handleReady(): void;
  /** No further picture will come. */
  handleFailure(error: RockpoolError): void;
}

/** Holds a game and brings its picture into memory: on the CPU, or through WebGPU. */
export interface Painter {
  readonly game: BuiltInGame;
  /** Whether a picture can be started: none is being drawn, and there is memory for it. */
  readonly ready: boolean;
  /** Draws the game as it is now. `done` may run before this returns; after a failure it never runs. */
  paint(done: (picture: Picture) => void): void;
  /** Resolves when pictures of the new size can be started; the one being drawn is finished first. */
  resize(resolution: Resolution): Promise<void>;
  /**
   * Closes the game too; resolves when no drawing is under way. Pictures still lent stay valid until
   * they are released.
   */
  close(): Promise<void>;
}

/** @throws RockpoolError `no-gpu` or `game-failed`. */
export type OpenPainter = (
  setup: GameSetup,
  resolution: Resolution,
  listener: PainterListener,
) => Promise<Painter>;
