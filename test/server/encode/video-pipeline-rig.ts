import type { RockpoolError } from '../../../protocol/errors.ts';
import type { Resolution } from '../../../protocol/stream-settings.ts';
import type { VideoFrame } from '../../../renderer/game-runtime.ts';
import { type EncodedVideo, VideoPipeline } from '../../../server/encode/video-pipeline.ts';
import type { FakeEncoderFactory } from '../../support/fake-encoder.ts';

export const SIZE = { width: 64, height: 32 };

/** Lets every promise that can settle settle. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A {@link VideoPipeline} on fake encoders, and what it has said. */
export class VideoPipelineRig {
  nowUs = 0;
  mayEncode = true;
  fillsPath = false;
  readonly released: number[] = [];
  readonly videos: EncodedVideo[] = [];
  readonly failures: RockpoolError[] = [];
  readonly encoders: string[] = [];
  readonly causes: (RockpoolError | undefined)[] = [];
  #handled = (): void => {};

  pipelineOf(...factories: FakeEncoderFactory[]): VideoPipeline {
    return new VideoPipeline(
      {
        factories,
        resolution: SIZE,
        frameRate: 60,
        bitrateBps: 1_000_000,
        threads: 1,
        mayEncode: () => this.mayEncode,
        fillsPath: () => this.fillsPath,
      },
      {
        handleVideo: (video) => {
          this.videos.push(video);
          this.#handled();
        },
        handleEncoder: (name, cause) => {
          this.encoders.push(name);
          this.causes.push(cause);
        },
        handleFailure: (error) => this.failures.push(error),
      },
      { nowUs: () => this.nowUs },
    );
  }

  /** Scaling runs on other threads: it settles when it does. */
  nextVideo(): Promise<void> {
    return new Promise((resolve) => {
      this.#handled = resolve;
    });
  }

  frame(frameNumber: number, over: Partial<VideoFrame> & Partial<Resolution> = {}): VideoFrame {
    const { width, height } = { ...SIZE, ...over };
    return {
      format: 'i420',
      width,
      height,
      pixels: new Uint8Array((width * height * 3) / 2).fill(frameNumber),
      frameNumber,
      inputSeq: frameNumber + 100,
      inputReceivedUs: 5,
      tickUs: frameNumber * 16_667,
      renderedUs: frameNumber * 16_667 + 1000,
      release: () => this.released.push(frameNumber),
      ...over,
    };
  }
}
