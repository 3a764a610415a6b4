import type { RockpoolError } from '../../protocol/errors.ts';
import type {
  Cursor,
  Rumble,
  RuntimeOutput,
  SoundBlock,
  VideoFrame,
} from '../../renderer/game-runtime.ts';

/** Keeps what a runtime delivers, and lets a test wait for the next frame. */
export class RecordingOutput implements RuntimeOutput {
  readonly frames: VideoFrame[] = [];
  readonly soundDueUs: number[] = [];
  readonly soundEnergy: number[] = [];
  readonly rumbles: Rumble[] = [];
  readonly cursors: Cursor[] = [];
  readonly failures: RockpoolError[] = [];
  overs = 0;
  readonly troubles: RockpoolError[] = [];
  #taken = 0;
  #wake: (() => void) | undefined;
  #wakeFailed: ((error: RockpoolError) => void) | undefined;

  /** The next frame not yet taken; waits for it where it is still being drawn. */
  async nextFrame(): Promise<VideoFrame> {
    for (;;) {
      const frame = this.frames[this.#taken];
      if (frame) {
        this.#taken++;
        return frame;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Frames delivered and not yet taken. */
  get waiting(): number {
    return this.frames.length - this.#taken;
  }

  /** The first failure; waits for it where it is still to come. */
  failure(): Promise<RockpoolError> {
    return new Promise((resolve) => {
      const [failure] = this.failures;
      if (failure) resolve(failure);
      else this.#wakeFailed = resolve;
    });
  }

  handleFrame(frame: VideoFrame): void {
    this.frames.push(frame);
    this.#wake?.();
  }

  handleSound({ samples, dueUs }: SoundBlock): void {
    this.soundDueUs.push(dueUs);
    this.soundEnergy.push(samples.reduce((sum, sample) => sum + sample * sample, 0));
  }

  handleRumble(rumble: Rumble): void {
    this.rumbles.push(rumble);
  }

  handleCursor(cursor: Cursor): void {
    this.cursors.push(cursor);
  }

  handleOver(): void {
    this.overs++;
  }

  handleTrouble(error: RockpoolError): void {
    this.troubles.push(error);
  }

  handleFailure(error: RockpoolError): void {
    this.failures.push(error);
    this.#wakeFailed?.(error);
  }
}
