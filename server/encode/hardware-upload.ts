import type { AVHWDeviceType, AVPixelFormat } from 'node-av/constants';
import { Frame, HardwareDeviceContext, HardwareFramesContext } from 'node-av/lib';
import type { Resolution } from '../../protocol/stream-settings.ts';
import { expectSuccess } from './libav-error.ts';

/** One frame is being filled while the encoder still reads the reference and the one before. */
const POOL_FRAMES = 4;

/** Moves frames from system memory into the memory of an encoder's device. */
export class HardwareUpload {
  readonly frames: HardwareFramesContext;
  readonly #device: HardwareDeviceContext;
  readonly #frame: Frame;

  /** @throws RockpoolError `encoder-failed` where there is no such device or driver. */
  constructor(
    device: AVHWDeviceType,
    format: AVPixelFormat,
    inputFormat: AVPixelFormat,
    { width, height }: Resolution,
  ) {
    this.#device = new HardwareDeviceContext();
    this.frames = new HardwareFramesContext();
    this.#frame = new Frame();
    try {
      expectSuccess(this.#device.create(device), 'Opening the encoder device');
      this.frames.alloc(this.#device);
      this.frames.format = format;
      this.frames.swFormat = inputFormat;
      this.frames.width = width;
      this.frames.height = height;
      this.frames.initialPoolSize = POOL_FRAMES;
      expectSuccess(this.frames.init(), 'Allocating frames on the encoder device');
      this.#frame.alloc();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** @returns the frame on the device, valid until the next call. */
  async upload(source: Frame): Promise<Frame> {
    this.#frame.unref();
    expectSuccess(this.frames.getBuffer(this.#frame), 'Taking a device frame');
    expectSuccess(await this.#frame.hwframeTransferData(source), 'Uploading a frame');
    this.#frame.pts = source.pts;
    this.#frame.pictType = source.pictType;
    return this.#frame;
  }

  close(): void {
    this.#frame.free();
    this.frames.free();
    this.#device.free();
  }
}
