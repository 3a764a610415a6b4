import type { TryOutFindings } from '../../protocol/try-out-report.ts';
import type { VideoFrame } from '../../renderer/game-runtime.ts';
import type { EncodedVideo } from '../encode/video-pipeline.ts';

type Figures = Pick<
  TryOutFindings,
  'frames' | 'frameRate' | 'frameTimeP50Ms' | 'frameTimeP95Ms' | 'encodeP50Ms' | 'encodeP95Ms'
>;

/**
 * Tells what the game costs from what the stream costs: the time between its pictures is its own, the
 * time from a picture in memory to its last encoded byte is the stream's.
 */
export class FrameFigures {
  readonly #intervalsUs: number[] = [];
  readonly #encodesUs: number[] = [];
  #frames = 0;
  #firstUs = 0;
  #lastUs = 0;

  handleFrame({ tickUs, isRepeat }: Pick<VideoFrame, 'tickUs' | 'isRepeat'>): void {
    // What is sent again though nothing was drawn says nothing of the game.
    if (isRepeat) return;
    if (this.#frames === 0) this.#firstUs = tickUs;
    else this.#intervalsUs.push(tickUs - this.#lastUs);
    this.#lastUs = tickUs;
    this.#frames++;
  }

  handleVideo({ renderedUs, encodedUs }: Pick<EncodedVideo, 'renderedUs' | 'encodedUs'>): void {
    this.#encodesUs.push(encodedUs - renderedUs);
  }

  describe(): Figures {
    const spanUs = this.#lastUs - this.#firstUs;
    return {
      frames: this.#frames,
      frameRate: spanUs > 0 ? rounded(((this.#frames - 1) * 1e6) / spanUs) : null,
      frameTimeP50Ms: percentileMs(this.#intervalsUs, 0.5),
      frameTimeP95Ms: percentileMs(this.#intervalsUs, 0.95),
      encodeP50Ms: percentileMs(this.#encodesUs, 0.5),
      encodeP95Ms: percentileMs(this.#encodesUs, 0.95),
    };
  }
}

/** The least value that a share of all does not exceed (nearest rank). */
function percentileMs(valuesUs: readonly number[], share: number): number | null {
  const sorted = [...valuesUs].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  return value === undefined ? null : rounded(value / 1000);
}

/** To hundredths: nothing here is known more exactly. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
