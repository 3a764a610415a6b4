import { followConnections } from '../../gate/page/opened-connections.ts';
import { PictureReader } from '../../gate/page/picture-reader.ts';
import { decodeFrameMessage } from '../../protocol/frame-messages.ts';

/** A displayed frame as its pixels have it. */
export interface SeenFrame {
  readonly rtpTimestamp: number;
  /** Undefined where the strip could not be read. */
  readonly mark: { readonly frameNumber: number; readonly inputSeq: number } | undefined;
}

/** A frame as its worker reports it. */
export interface ReportedFrame {
  readonly rtpTimestamp: number;
  readonly frameNumber: number;
  readonly inputSeq: number;
}

export interface FrameRecord {
  readonly seen: readonly SeenFrame[];
  readonly reported: readonly ReportedFrame[];
  /** What reading each picture took of the page's main thread. */
  readonly readCostsMs: readonly number[];
}

/** How much is looked at: what each of the browser's callbacks costs, and what reading pixels adds. */
export type Looking = 'callbacks' | 'pixels';

/** Reads every displayed frame, and takes down what the worker says of it. */
class FrameProbe {
  #reader: PictureReader | undefined;
  #video: HTMLVideoElement | undefined;
  #seen: SeenFrame[] = [];
  #reported: ReportedFrame[] = [];
  #readCostsMs: number[] = [];
  /** One picture after the other, as they were shown. */
  #read = Promise.resolve();

  constructor() {
    const handle = ({ data }: MessageEvent<ArrayBuffer>) => {
      const message = decodeFrameMessage(new Uint8Array(data));
      if (message.type !== 'frame') return;
      const { rtpTimestamp, frameNumber, inputSeq } = message;
      this.#reported.push({ rtpTimestamp, frameNumber, inputSeq });
    };
    followConnections((connection) => {
      connection.addEventListener('datachannel', ({ channel }) => {
        if (channel.label === 'frames') channel.addEventListener('message', handle);
      });
    });
  }

  /** From now on, once. @throws Error where there is no video. */
  start(looking: Looking): void {
    const video = document.querySelector('video');
    if (!video) throw new Error('This page shows no video.');
    this.#video = video;
    if (looking === 'pixels') this.#reader = new PictureReader();
    const follow: VideoFrameRequestCallback = (_now, metadata) => {
      if (!this.#video) return;
      video.requestVideoFrameCallback(follow);
      this.#look(video, metadata);
    };
    video.requestVideoFrameCallback(follow);
  }

  async take(): Promise<FrameRecord> {
    this.#video = undefined;
    await this.#read;
    return { seen: this.#seen, reported: this.#reported, readCostsMs: this.#readCostsMs };
  }

  #look(video: HTMLVideoElement, { rtpTimestamp }: VideoFrameCallbackMetadata): void {
    const reader = this.#reader;
    if (!reader || rtpTimestamp === undefined) return;
    const reading = reader.read(video);
    this.#read = this.#read
      .then(() => reading)
      .then(({ marks, costMs }) => {
        this.#readCostsMs.push(costMs);
        const mark = marks?.mark;
        this.#seen.push({
          rtpTimestamp,
          mark: mark && { frameNumber: mark.frameNumber, inputSeq: mark.inputSeq },
        });
      });
  }
}

declare global {
  interface Window {
    frameProbe?: FrameProbe;
  }
}

window.frameProbe = new FrameProbe();
