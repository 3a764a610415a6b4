import { readFile } from 'node:fs/promises';
import type { Resolution } from '../../../protocol/stream-settings.ts';
import { frameBytes } from '../../game-runtime.ts';

/** Of a screen: blue, green, red and a byte unused. */
export const PIXEL_BYTES = 4;

/** The unit of WebAssembly's memory, bytes. */
const PAGE_BYTES = 65_536;

/** See bgra-to-i420.wat, which this is compiled from. */
const CODE = new URL('./bgra-to-i420.wasm', import.meta.url);

/** All but the width and the number of rows are addresses. */
type Convert = (
  pixels: number,
  width: number,
  rows: number,
  y: number,
  u: number,
  v: number,
) => void;

let compiled: Promise<WebAssembly.Module> | undefined;

function compile(): Promise<WebAssembly.Module> {
  compiled ??= readFile(CODE).then((code) => WebAssembly.compile(code));
  return compiled;
}

/**
 * Turns the pixels of a screen into I420, in memory that holds both.
 *
 * It runs on the event loop: 0.95 ms for all of a 720p picture on a core of 2.5 GHz. On that core
 * libswscale takes 3.2 ms of processor time, which on threads of its own competes with the game, the
 * encoder and, where one machine does everything, the player's browser.
 */
export class I420Converter {
  /** {@link PIXEL_BYTES} each, tightly packed. */
  readonly pixels: Uint8Array;
  /** As many as were asked for. */
  readonly pictures: readonly Uint8Array[];
  readonly #resolution: Resolution;
  readonly #convert: Convert;

  private constructor(
    resolution: Resolution,
    memory: WebAssembly.Memory,
    pictures: number,
    convert: Convert,
  ) {
    const { width, height } = resolution;
    const pixelBytes = width * height * PIXEL_BYTES;
    const pictureBytes = frameBytes('i420', resolution);
    this.pixels = new Uint8Array(memory.buffer, 0, pixelBytes);
    this.pictures = Array.from(
      { length: pictures },
      (_, index) => new Uint8Array(memory.buffer, pixelBytes + index * pictureBytes, pictureBytes),
    );
    this.#resolution = resolution;
    this.#convert = convert;
  }

  /**
   * @param resolution even, at least 16 pixels wide.
   * @param pictures to have memory for.
   */
  static async open(resolution: Resolution, pictures: number): Promise<I420Converter> {
    const { width, height } = resolution;
    if (width % 2 !== 0 || height % 2 !== 0 || width < 16 || height < 2) {
      throw new RangeError(`A picture of ${width}x${height} cannot be I420.`);
    }
    const bytes = width * height * PIXEL_BYTES + pictures * frameBytes('i420', resolution);
    const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
    const { exports } = await WebAssembly.instantiate(await compile(), { rockpool: { memory } });
    return new I420Converter(resolution, memory, pictures, exports.convert as Convert);
  }

  /**
   * @param picture one of {@link pictures}.
   * @param top the first row to bring up to date; even.
   * @param bottom the row after the last; even.
   */
  convert(picture: Uint8Array, top: number, bottom: number): void {
    if (bottom <= top) return;
    const { width, height } = this.#resolution;
    const y = picture.byteOffset;
    const u = y + width * height;
    const v = u + (width * height) / 4;
    const pixels = this.pixels.byteOffset + top * width * PIXEL_BYTES;
    const chroma = (top / 2) * (width / 2);
    this.#convert(pixels, width, bottom - top, y + top * width, u + chroma, v + chroma);
  }
}
