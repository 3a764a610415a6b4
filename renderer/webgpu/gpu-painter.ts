/// <reference types="@webgpu/types" />
import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import type { Resolution } from '../../protocol/stream-settings.ts';
import { systemClock, systemScheduler } from '../clock.ts';
import { frameBytes, type PixelFormat } from '../game-runtime.ts';
import type { OpenPainter, Painter, PainterListener, Picture } from '../painter.ts';
import { type Gpu, openGpu } from './gpu-device.ts';
import { type GpuGame, type GpuGameFactory, TARGET_FORMAT } from './gpu-game.ts';
import { MapDelay } from './map-delay.ts';
import { ReadbackRing } from './readback-ring.ts';
import { YuvConversion } from './yuv-conversion.ts';

/** What hangs on the size of the picture. */
interface Canvas {
  readonly resolution: Resolution;
  readonly texture: GPUTexture;
  readonly view: GPUTextureView;
  readonly conversion: YuvConversion | undefined;
  readonly ring: ReadbackRing;
}

/** Lets a game draw with WebGPU and reads the picture back: one at a time, without copying it. */
class GpuPainter implements Painter {
  readonly game: GpuGame;
  readonly #gpu: Gpu;
  readonly #format: PixelFormat;
  readonly #listener: PainterListener;
  readonly #unwatch: () => void;
  readonly #mapDelay = new MapDelay();
  #canvas: Canvas | undefined;
  #painting: Promise<void> = Promise.resolve();
  #busy = false;
  #resizing = false;
  #closed = false;

  constructor(game: GpuGame, gpu: Gpu, format: PixelFormat, listener: PainterListener) {
    this.game = game;
    this.#gpu = gpu;
    this.#format = format;
    this.#listener = listener;
    this.#unwatch = gpu.watch((error) => listener.handleFailure(error));
  }

  get ready(): boolean {
    if (this.#closed || this.#resizing || this.#busy) return false;
    return (this.#canvas?.ring.available ?? 0) > 0;
  }

  paint(done: (picture: Picture) => void): void {
    const canvas = this.#canvas;
    if (!this.ready || !canvas) return;
    this.#busy = true;
    this.#painting = this.#read(canvas, done).catch((thrown) => {
      if (!this.#closed) this.#listener.handleFailure(toRockpoolError(thrown, 'game-failed'));
    });
  }

  async resize(resolution: Resolution): Promise<void> {
    this.#resizing = true;
    try {
      await this.#painting;
      if (this.#closed) return;
      this.#dropCanvas();
      const canvas = await this.#createCanvas(resolution);
      this.#canvas = canvas;
      if (this.#closed) this.#dropCanvas();
      else this.game.resize(resolution);
    } finally {
      this.#resizing = false;
    }
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#unwatch();
      this.game.close();
      this.#dropCanvas();
    }
    await this.#painting;
  }

  async #read(canvas: Canvas, done: (picture: Picture) => void): Promise<void> {
    const lent = await canvas.ring.read((destination) => this.#record(canvas, destination));
    this.#busy = false;
    if (!lent) return;
    if (this.#closed) {
      lent.release();
      return;
    }
    const { width, height } = canvas.resolution;
    done({ format: this.#format, width, height, pixels: lent.pixels, release: lent.release });
    this.#listener.handleReady();
  }

  #record(canvas: Canvas, destination: GPUBuffer): void {
    const { device } = this.#gpu;
    const encoder = device.createCommandEncoder();
    this.game.draw(encoder, canvas.view);
    if (canvas.conversion) {
      canvas.conversion.record(encoder, destination);
    } else {
      const { width, height } = canvas.resolution;
      encoder.copyTextureToBuffer(
        { texture: canvas.texture },
        { buffer: destination, bytesPerRow: width * 4 },
        [width, height],
      );
    }
    device.queue.submit([encoder.finish()]);
  }

  async #createCanvas(resolution: Resolution): Promise<Canvas> {
    const { device } = this.#gpu;
    const texture = device.createTexture({
      label: 'picture',
      size: [resolution.width, resolution.height],
      format: TARGET_FORMAT,
      usage:
        GPUTextureUsage.RENDER_ATTACHMENT |
        GPUTextureUsage.COPY_SRC |
        GPUTextureUsage.TEXTURE_BINDING,
    });
    const conversion =
      this.#format === 'i420' ? await YuvConversion.create(device, texture, resolution) : undefined;
    const ring = new ReadbackRing({
      device,
      bytes: frameBytes(this.#format, resolution),
      clock: systemClock,
      scheduler: systemScheduler,
      mapDelay: this.#mapDelay,
      handleReturn: () => this.#listener.handleReady(),
    });
    return { resolution, texture, view: texture.createView(), conversion, ring };
  }

  #dropCanvas(): void {
    const canvas = this.#canvas;
    if (!canvas) return;
    this.#canvas = undefined;
    canvas.ring.close();
    canvas.conversion?.close();
    canvas.texture.destroy();
  }
}

export interface GpuPainterOptions {
  /** What is read back; left out: I420 from a real GPU, RGBA from a software one. */
  readonly format?: PixelFormat;
}

export function openGpuPainter(
  createGame: GpuGameFactory,
  options: GpuPainterOptions = {},
): OpenPainter {
  return async (setup, resolution, listener) => {
    const gpu = await openGpu();
    const format = options.format ?? (gpu.software ? 'rgba' : 'i420');
    try {
      const game = await withoutErrors(gpu.device, () => createGame(gpu, setup));
      const painter = new GpuPainter(game, gpu, format, listener);
      await painter.resize(resolution);
      return painter;
    } catch (thrown) {
      throw toRockpoolError(thrown, 'game-failed');
    }
  };
}

/** A shader that does not compile fails the start rather than every frame that follows. */
async function withoutErrors<T>(device: GPUDevice, task: () => Promise<T>): Promise<T> {
  device.pushErrorScope('validation');
  let result: T;
  try {
    result = await task();
  } catch (thrown) {
    await device.popErrorScope();
    throw thrown;
  }
  const error = await device.popErrorScope();
  if (error) throw new RockpoolError('game-failed', `The game's GPU program: ${error.message}`);
  return result;
}
