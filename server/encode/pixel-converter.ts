import { availableParallelism } from 'node:os';
import {
  AV_PIX_FMT_RGBA,
  AV_PIX_FMT_YUV420P,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_SPC_RGB,
} from 'node-av/constants';
import { type Frame, SoftwareScaleContext } from 'node-av/lib';
import { RockpoolError } from '../../protocol/errors.ts';
import type { Resolution } from '../../protocol/stream-settings.ts';
import { frameBytes } from '../../renderer/game-runtime.ts';
import { expectSuccess } from './libav-error.ts';
import { asBuffer, createFrame } from './libav-frame.ts';

/** Measured at 720p: 1.66 ms with one thread, 0.89 with two; beyond that memory is the limit. */
const MAX_THREADS = 2;

/** What one picture size needs. */
interface Stage {
  readonly size: Resolution;
  readonly source: Frame;
  readonly target: Frame;
  readonly pixels: Buffer;
}

/** RGBA to I420, BT.709 limited range, by libswscale on libuv's thread pool. */
export class PixelConverter {
  readonly #scaler = new SoftwareScaleContext();
  #stage: Stage | undefined;
  #converting = false;
  #closed = false;

  constructor() {
    this.#scaler.allocContext();
    this.#scaler.setOption('threads', Math.min(MAX_THREADS, availableParallelism()));
  }

  /**
   * One call at a time.
   * @param rgba tightly packed; read until the promise settles.
   * @returns planes Y, U, V tightly packed, in memory that the next call reuses.
   * @throws RockpoolError `encoder-failed`.
   */
  async convert(rgba: Uint8Array, size: Resolution): Promise<Uint8Array> {
    if (this.#closed || this.#converting) {
      throw new RockpoolError('encoder-failed', 'The pixel converter is closed or busy.');
    }
    const { source, target, pixels } = this.#stageFor(size);
    expectSuccess(source.fromBuffer(asBuffer(rgba)), 'Reading a picture');
    this.#converting = true;
    try {
      expectSuccess(await this.#scaler.scaleFrame(target, source), 'Converting a picture');
      return pixels;
    } finally {
      this.#converting = false;
      if (this.#closed) this.#free();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#converting) this.#free();
  }

  #stageFor(size: Resolution): Stage {
    const current = this.#stage;
    if (current?.size.width === size.width && current.size.height === size.height) return current;
    this.#freeStage();
    const source = createFrame(AV_PIX_FMT_RGBA, size);
    source.colorSpace = AVCOL_SPC_RGB;
    source.colorRange = AVCOL_RANGE_JPEG;
    const target = createFrame(AV_PIX_FMT_YUV420P, size);
    target.colorSpace = AVCOL_SPC_BT709;
    target.colorRange = AVCOL_RANGE_MPEG;
    const pixels = Buffer.alloc(frameBytes('i420', size));
    expectSuccess(target.fromBuffer(pixels), 'Preparing a picture');
    this.#stage = { size, source, target, pixels };
    return this.#stage;
  }

  #freeStage(): void {
    this.#stage?.source.free();
    this.#stage?.target.free();
    this.#stage = undefined;
  }

  #free(): void {
    this.#freeStage();
    this.#scaler.freeContext();
  }
}
