import {
  type CalibrationMark,
  decodeCalibrationMark,
  type LumaSampler,
  patchLuma,
} from '../../protocol/calibration-picture.ts';
import type { Resolution } from '../../protocol/stream-settings.ts';

/**
 * Four pixels for each of the scene's 32 × 18 units: the least that leaves clean pixels inside a
 * cell. The browser converts the whole frame anyway; a small copy keeps reading it back cheap.
 */
const CANVAS_SIZE = { width: 128, height: 72 };
/** The patch is near 12 or 245; one in between is neither, and proves nothing. */
const DARK_BELOW = 80;
const BRIGHT_ABOVE = 176;

/** Of these the first plane is luma, a byte a pixel. */
const LUMA_FIRST: ReadonlySet<VideoPixelFormat | null> = new Set(['I420', 'I422', 'I444', 'NV12']);

/** What an element showed when it was looked at. */
interface SeenPixels {
  readonly luma: LumaSampler;
  readonly size: Resolution;
  /** They are read. */
  release(): void;
}

/** What the marks of a calibration scene say. */
interface SeenMarks {
  readonly mark: CalibrationMark;
  /** Whether the flip patch is bright; undefined where it is neither bright nor dark. */
  readonly bright: boolean | undefined;
}

/** Undefined marks are those of a picture that is not (yet) one of the calibration scene. */
export interface ReadPicture {
  readonly marks: SeenMarks | undefined;
  /** What reading it took of the page's main thread. */
  readonly costMs: number;
}

/** Reads the marks of the calibration scene, for as little of the page's main thread as there is to it. */
export class PictureReader {
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];
  #context: OffscreenCanvasRenderingContext2D | undefined;

  /** The picture of the moment of the call, whenever the promise resolves. */
  async read(element: HTMLVideoElement | HTMLCanvasElement): Promise<ReadPicture> {
    const beganMs = performance.now();
    const capturing = this.#capture(element);
    const capturedMs = performance.now();
    const pixels = await capturing;
    const hereMs = performance.now();
    const marks = marksOf(pixels);
    pixels.release();
    return { marks, costMs: capturedMs - beganMs + performance.now() - hereMs };
  }

  /**
   * Decoded pixels are taken as they are where they lie in memory: through a canvas they become
   * colours first, which costs milliseconds.
   */
  async #capture(element: HTMLVideoElement | HTMLCanvasElement): Promise<SeenPixels> {
    const frame = element instanceof HTMLVideoElement ? decodedFrame(element) : undefined;
    if (!frame) return this.#drawn(element);
    try {
      const bytes = frame.allocationSize();
      const spare = this.#spare.pop();
      const pixels = spare && spare.byteLength >= bytes ? spare : new Uint8Array(bytes);
      const { width = 0, height = 0 } = frame.visibleRect ?? {};
      const [{ offset, stride } = { offset: 0, stride: width }] = await frame.copyTo(pixels);
      return {
        luma: (x, y) => pixels[offset + y * stride + x] ?? 0,
        size: { width, height },
        release: () => void this.#spare.push(pixels),
      };
    } finally {
      frame.close();
    }
  }

  #drawn(element: HTMLVideoElement | HTMLCanvasElement): SeenPixels {
    const { width, height } = CANVAS_SIZE;
    this.#context ??= createContext();
    this.#context.drawImage(element, 0, 0, width, height);
    const { data } = this.#context.getImageData(0, 0, width, height);
    return {
      // Patch and cells are grey: green is as bright as they are.
      luma: (x, y) => data[(y * width + x) * 4 + 1] ?? 0,
      size: CANVAS_SIZE,
      release: () => undefined,
    };
  }
}

function marksOf({ luma, size }: SeenPixels): SeenMarks | undefined {
  const mark = decodeCalibrationMark(luma, size);
  if (!mark) return undefined;
  const patch = patchLuma(luma, size);
  const isNeither = patch > DARK_BELOW && patch < BRIGHT_ABOVE;
  return { mark, bright: isNeither ? undefined : patch >= BRIGHT_ABOVE };
}

/** Undefined where there is none, or its pixels lie in no such way, and must be drawn to be seen. */
function decodedFrame(video: HTMLVideoElement): VideoFrame | undefined {
  if (!('VideoFrame' in window) || video.readyState < video.HAVE_CURRENT_DATA) return undefined;
  const frame = new VideoFrame(video);
  if (LUMA_FIRST.has(frame.format)) return frame;
  frame.close();
  return undefined;
}

function createContext(): OffscreenCanvasRenderingContext2D {
  const canvas = new OffscreenCanvas(CANVAS_SIZE.width, CANVAS_SIZE.height);
  const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
  if (!context) throw new Error('This browser gives no 2D canvas.');
  return context;
}
