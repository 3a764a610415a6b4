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
import { type Resolution, sameResolution } from '../../protocol/stream-settings.ts';
import { frameBytes, type PixelFormat } from '../../renderer/game-runtime.ts';
import { expectSuccess } from './libav-error.ts';
import { asBuffer, createFrame } from './libav-frame.ts';

/** Measured on RGBA at 720p: 1.36 ms with one thread, 0.79 with two; beyond that memory is the limit. */
const MAX_THREADS = 2;

/**
 * libswscale writes rows in blocks: one that is no multiple of this long spills up to 8 bytes into what
 * lies behind it, where tightly packed the next row. Seen at widths such as 1366, 854 and 444.
 */
const ROW_BLOCK = 16;

const LIBAV_FORMATS = {
  i420: AV_PIX_FMT_YUV420P,
  rgba: AV_PIX_FMT_RGBA,
} as const satisfies Record<PixelFormat, number>;

/** A tightly packed picture, BT.709; I420 in limited range. */
export interface Picture extends Resolution {
  readonly format: PixelFormat;
  readonly pixels: Uint8Array;
}

/** What one way of scaling needs. */
interface Stage {
  readonly from: Pick<Picture, 'format' | 'width' | 'height'>;
  readonly to: Resolution;
  readonly source: Frame;
  readonly target: Frame;
  readonly pixels: Buffer;
  /** Where the target's rows are padded: what packs them into `pixels`. */
  readonly pack: (() => void) | undefined;
}

/** Any picture to I420 of any size, by libswscale on libuv's thread pool. */
export class PictureScaler {
  readonly #scaler = new SoftwareScaleContext();
  #stage: Stage | undefined;
  #scaling = false;
  #closed = false;

  constructor() {
    this.#scaler.allocContext();
    this.#scaler.setOption('threads', Math.min(MAX_THREADS, availableParallelism()));
    // Means of areas: no shimmer of thin lines at half the size, and no dearer than bilinear
    // (I420 720p to 540p 0.33 against 0.38 ms, to 360p 0.28 against 0.38; bicubic 0.6 and 0.46).
    this.#scaler.setOption('sws_flags', 'area');
  }

  /**
   * One call at a time.
   * @param picture read until the promise settles.
   * @returns planes Y, U, V tightly packed: the picture's own pixels where they are that already,
   * else memory that the next call reuses.
   * @throws RockpoolError `encoder-failed`.
   */
  async scale(picture: Picture, size: Resolution): Promise<Uint8Array> {
    if (this.#closed || this.#scaling) {
      throw new RockpoolError('encoder-failed', 'The picture scaler is closed or busy.');
    }
    if (picture.format === 'i420' && sameResolution(picture, size)) return picture.pixels;
    const { source, target, pixels, pack } = this.#stageFor(picture, size);
    expectSuccess(source.fromBuffer(asBuffer(picture.pixels)), 'Reading a picture');
    this.#scaling = true;
    try {
      expectSuccess(await this.#scaler.scaleFrame(target, source), 'Scaling a picture');
      if (!this.#closed) pack?.();
      return pixels;
    } finally {
      this.#scaling = false;
      if (this.#closed) this.#free();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#scaling) this.#free();
  }

  #stageFor({ format, width, height }: Picture, to: Resolution): Stage {
    const from = { format, width, height };
    const current = this.#stage;
    const fits =
      current?.from.format === format &&
      sameResolution(current.from, from) &&
      sameResolution(current.to, to);
    if (fits) return current;
    this.#freeStage();
    const source = createFrame(LIBAV_FORMATS[format], from);
    const isRgb = format !== 'i420';
    source.colorSpace = isRgb ? AVCOL_SPC_RGB : AVCOL_SPC_BT709;
    source.colorRange = isRgb ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    const target = createFrame(AV_PIX_FMT_YUV420P, to);
    target.colorSpace = AVCOL_SPC_BT709;
    target.colorRange = AVCOL_RANGE_MPEG;
    const pixels = Buffer.alloc(frameBytes('i420', to));
    const padded = to.width % ROW_BLOCK !== 0;
    if (!padded) expectSuccess(target.fromBuffer(pixels), 'Preparing a picture');
    const pack = padded ? packer(target, to, pixels) : undefined;
    this.#stage = { from, to: { ...to }, source, target, pixels, pack };
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

/** @returns what copies the rows of a frame, tightly packed. */
function packer(frame: Frame, { width, height }: Resolution, pixels: Buffer): () => void {
  const planes = frame.data ?? [];
  const strides = frame.linesize;
  return () => {
    let at = 0;
    for (let index = 0; index < 3; index++) {
      const plane = planes[index];
      const stride = strides[index] ?? 0;
      const rowBytes = index === 0 ? width : width / 2;
      const rows = index === 0 ? height : height / 2;
      for (let row = 0; row < rows; row++) {
        plane?.copy(pixels, at, row * stride, row * stride + rowBytes);
        at += rowBytes;
      }
    }
  };
}
