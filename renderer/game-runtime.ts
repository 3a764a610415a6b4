import type { RockpoolError } from '../protocol/errors.ts';
import type { GameInfo } from '../protocol/game-info.ts';
import type { InputMessage } from '../protocol/input-messages.ts';
import type { Resolution } from '../protocol/stream-settings.ts';

/**
 * `rgba`: 4 bytes a pixel, the alpha means nothing. `i420`: planes Y, U, V, one after the other,
 * BT.709 limited range.
 */
export type PixelFormat = 'i420' | 'rgba';

/** Bytes of a tightly packed picture. */
export function frameBytes(format: PixelFormat, { width, height }: Resolution): number {
  return format === 'i420' ? (width * height * 3) / 2 : width * height * 4;
}

/**
 * One finished picture. The runtime owns the memory and lends it: `release()` gives it back, exactly
 * once, and only then may the runtime draw into it again. A runtime has few buffers; one whose
 * buffers are all lent skips ticks rather than queue pictures.
 */
export interface VideoFrame {
  readonly format: PixelFormat;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Tightly packed, {@link frameBytes} long. */
  readonly pixels: Uint8Array;
  /** Counts up by one for every frame of the session. */
  readonly frameNumber: number;
  /** Last input sequence number applied before this frame was drawn; 0 while there is none. */
  readonly inputSeq: number;
  /** When that input arrived at the worker; microseconds of the runtime's clock. */
  readonly inputReceivedUs: number;
  /** Start of the tick that drew the frame; microseconds of the runtime's clock. */
  readonly tickUs: number;
  /** When the pixels were complete in memory; microseconds of the runtime's clock. */
  readonly renderedUs: number;
  /** Set where the game has drawn nothing since the frame before, and that one is sent again. */
  readonly isRepeat?: boolean;
  release(): void;
}

export const SOUND_SAMPLE_RATE = 48_000;
export const SOUND_CHANNELS = 2;
/** 10 ms at 48 kHz. */
export const SOUND_BLOCK_FRAMES = 480;

/** 10 ms of sound, valid during the call that delivers it only: the runtime reuses the memory. */
export interface SoundBlock {
  /** Interleaved stereo, {@link SOUND_BLOCK_FRAMES} × 2 samples, −1 to 1. */
  readonly samples: Float32Array;
  /** When the first sample is due; microseconds of the runtime's clock. */
  readonly dueUs: number;
}

/**
 * What reaches a game: the edges of the `input` channel as they are, and movement already turned
 * from the wire's full states into what changed.
 */
export type GameInput =
  | InputMessage
  | {
      readonly type: 'pointer-move';
      /** Fraction of the picture, 0 to 65535. */
      readonly x: number;
      readonly y: number;
      /** Relative movement since the last one, CSS pixels. */
      readonly dx: number;
      readonly dy: number;
    }
  | {
      readonly type: 'pad-state';
      readonly pad: number;
      /** Left x, left y, right x, right y: −1 to 1. */
      readonly axes: readonly [number, number, number, number];
      /** Left, right: 0 to 1. */
      readonly triggers: readonly [number, number];
    };

/** Inputs that start something at once. Movement is seen in the regular frames, evenly. */
export function isEdge(input: GameInput): boolean {
  return input.type === 'key' || input.type === 'button' || input.type === 'pad-button';
}

export interface Rumble {
  readonly pad: number;
  /** 0 to 1. */
  readonly strong: number;
  /** 0 to 1. */
  readonly weak: number;
  readonly durationMs: number;
}

export type CursorShape = 'default' | 'none' | 'crosshair' | 'pointer';

/** What the pointer looks like over the picture. */
export type Cursor =
  | { readonly kind: 'shape'; readonly shape: CursorShape }
  | {
      readonly kind: 'image';
      /** A PNG in base64, at most `MAX_CURSOR_CHARS` long. */
      readonly png: string;
      /** The pixel that points; in pixels of the game's picture, as the sizes are. */
      readonly hotspotX: number;
      readonly hotspotY: number;
      /** At most 256. */
      readonly width: number;
      /** At most 256. */
      readonly height: number;
    };

/** Where a runtime puts what its game makes. Calls never throw and never block. */
export interface RuntimeOutput {
  handleFrame(frame: VideoFrame): void;
  handleSound(block: SoundBlock): void;
  handleRumble(rumble: Rumble): void;
  handleCursor(cursor: Cursor): void;
  /**
   * The game cannot go on (lost GPU device, crash): the session ends with this error. The first line of
   * its message is a sentence for the player, further ones are what the game printed last.
   */
  handleFailure(error: RockpoolError): void;
  /** Something of the game does not work (its sound), and it goes on. */
  handleTrouble(error: RockpoolError): void;
  /** The game ended by itself and in good order: so does the session. */
  handleOver(): void;
}

export interface RuntimeOptions {
  readonly game: GameInfo;
  readonly resolution: Resolution;
  /** Frames per second the loop aims for. */
  readonly frameRate: number;
  /** Seeds everything random in the game: the same seed and input give the same play. */
  readonly seed: number;
  /** What an earlier `save()` returned for this player and game. */
  readonly save?: Uint8Array;
}

/**
 * Anything that can run a game. Life: `start` once, then inputs and frames, then `close`, which may
 * come at any time (during `start` too) and more than once.
 */
export interface GameRuntime {
  /**
   * Resolves once the first frame can be drawn; frames and sound then arrive at the output.
   * @throws RockpoolError `no-gpu` where the machine lacks what the runtime needs, `game-failed`
   * where the game does not start.
   */
  start(options: RuntimeOptions, output: RuntimeOutput): Promise<void>;
  /**
   * Applied at the start of the next tick, which comes early where the frame budget allows.
   * @param receivedUs when it arrived, microseconds of the runtime's clock.
   */
  handleInput(input: GameInput, receivedUs: number): void;
  /** Changes the picture's size and the frame rate from the next frame on. */
  reshape(resolution: Resolution, frameRate: number): Promise<void>;
  /** While suspended (nobody is watching) no tick runs and no sound is made. */
  setSuspended(suspended: boolean): void;
  /** A picture is wanted soon, though nothing may have changed: somebody has begun to look. */
  requestFrame(): void;
  /** What should survive the session (a best score); undefined where there is nothing to keep. */
  save(): Promise<Uint8Array | undefined>;
  /**
   * Ends the game the orderly way, in which it may still write, and returns what should survive;
   * only `close` may follow.
   */
  finish(): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}
