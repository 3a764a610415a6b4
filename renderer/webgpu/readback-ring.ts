/// <reference types="@webgpu/types" />
import { RockpoolError } from '../../protocol/errors.ts';
import type { Clock, Scheduler } from '../clock.ts';
import { PICTURE_BUFFERS } from '../picture-buffers.ts';
import type { MapDelay } from './map-delay.ts';

/** Mapped memory of one read-back: the GPU buffer itself, not a copy of it. */
export interface LentReadback {
  readonly pixels: Uint8Array;
  /** Unmaps the memory: it must no longer be touched. A second call does nothing. */
  release(): void;
}

export interface ReadbackRingOptions {
  readonly device: GPUDevice;
  /** Size of one picture. */
  readonly bytes: number;
  /** The hardware's time, also where the game runs on a virtual one. */
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly mapDelay: MapDelay;
  /** A buffer came back. */
  readonly handleReturn: () => void;
}

/** A few GPU buffers that pictures are copied to and read from without a copy on the CPU. */
export class ReadbackRing {
  readonly #options: ReadbackRingOptions;
  readonly #free: GPUBuffer[] = [];
  #closed = false;

  constructor(options: ReadbackRingOptions) {
    this.#options = options;
    const { device, bytes } = options;
    for (let i = 0; i < PICTURE_BUFFERS; i++) {
      const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
      this.#free.push(device.createBuffer({ label: 'readback', size: bytes, usage }));
    }
  }

  get available(): number {
    return this.#free.length;
  }

  /**
   * Lets `record` submit a copy into a free buffer and maps it when the GPU is done. Undefined while
   * all buffers are lent or when the ring was closed meanwhile.
   * @throws RockpoolError `no-gpu` where the device was lost meanwhile.
   */
  async read(record: (destination: GPUBuffer) => void): Promise<LentReadback | undefined> {
    const buffer = this.#free.pop();
    if (!buffer) return undefined;
    const { clock, mapDelay } = this.#options;
    const submittedUs = clock.nowUs();
    record(buffer);
    if (mapDelay.ms > 0) await this.#wait(mapDelay.ms);
    if (this.#closed) {
      buffer.destroy();
      return undefined;
    }
    const askedUs = clock.nowUs();
    try {
      await buffer.mapAsync(GPUMapMode.READ);
    } catch (cause) {
      // Nobody destroys or maps a buffer that is being read, so this is all it can mean.
      throw new RockpoolError('no-gpu', 'The graphics device was lost.', { cause });
    }
    const nowUs = clock.nowUs();
    mapDelay.observe((nowUs - submittedUs) / 1000, (nowUs - askedUs) / 1000);
    return this.#lend(buffer);
  }

  /** Buffers that are lent or being read go when they come back: someone may be reading them. */
  close(): void {
    this.#closed = true;
    for (const buffer of this.#free.splice(0)) buffer.destroy();
  }

  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#options.scheduler.after(delayMs, resolve);
    });
  }

  #lend(buffer: GPUBuffer): LentReadback {
    let lent = true;
    return {
      pixels: new Uint8Array(buffer.getMappedRange()),
      release: () => {
        if (!lent) return;
        lent = false;
        buffer.unmap();
        if (this.#closed) {
          buffer.destroy();
          return;
        }
        this.#free.push(buffer);
        this.#options.handleReturn();
      },
    };
  }
}
