import {
  type CalibrationMark,
  decodeCalibrationMark,
  type LumaSampler,
  patchLuma,
} from '../../../protocol/calibration-picture.ts';

/**
 * Frames are looked at in this size. A cell of the calibration strip has 8 × 8 pixels in it, and
 * scaling a 720p frame down to it costs about as much as decoding one.
 */
const WIDTH = 256;
const HEIGHT = 144;
/** A minute at 60 fps. */
const KEPT_FRAMES = 3600;
const BRIGHT = 215;
const DARK = 40;

/** What one displayed frame showed. */
export interface SeenFrame {
  /** Of the pixels as they are, scaled down. */
  readonly hash: number;
  /** Undefined where the picture is no calibration picture. */
  readonly mark: CalibrationMark | undefined;
  /** Luma of the flip patch, 0 to 255. */
  readonly patch: number;
  /**
   * How much brighter the left third is than the right third, luma, between a fifth and a half of
   * the height: far from 0 where a horizon is tilted.
   */
  readonly lean: number;
}

/** Looks at every frame that a page's video element displays. */
export class PictureWatch {
  readonly #canvas = new OffscreenCanvas(WIDTH, HEIGHT);
  readonly #context: OffscreenCanvasRenderingContext2D;
  readonly #hashes = new Set<number>();
  readonly #nonces = new Set<number>();
  #frames: SeenFrame[] = [];
  #video: HTMLVideoElement | undefined;
  #count = 0;
  #flips = 0;
  #bright: boolean | undefined;

  constructor() {
    const context = this.#canvas.getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('no canvas to look at the picture with');
    this.#context = context;
    // Media events do not bubble, but are captured. Asked for in each animation frame instead, every page drew 60 a second.
    document.addEventListener('loadedmetadata', () => this.#find(), { capture: true });
  }

  /** Displayed frames so far. */
  get count(): number {
    return this.#count;
  }

  /** Different pictures so far. */
  get distinct(): number {
    return this.#hashes.size;
  }

  /** How often the calibration patch changed between dark and bright. */
  get flips(): number {
    return this.#flips;
  }

  /** Every calibration nonce that was ever seen in this page. */
  get nonces(): readonly number[] {
    return [...this.#nonces];
  }

  /** The newest 3600 frames, oldest first. */
  get frames(): readonly SeenFrame[] {
    return this.#frames;
  }

  get last(): SeenFrame | undefined {
    return this.#frames.at(-1);
  }

  /** Of the newest frame that had one. */
  get lastMark(): CalibrationMark | undefined {
    return this.#frames.findLast((frame) => frame.mark)?.mark;
  }

  /** Pages replace their video element when a game starts anew. */
  #find(): void {
    const video = document.querySelector('video') ?? undefined;
    if (video && video !== this.#video) {
      this.#video = video;
      this.#follow(video);
    }
  }

  #follow(video: HTMLVideoElement): void {
    if (video !== this.#video) return;
    video.requestVideoFrameCallback(() => {
      this.#follow(video);
      this.#look(video);
    });
  }

  #look(video: HTMLVideoElement): void {
    this.#context.drawImage(video, 0, 0, WIDTH, HEIGHT);
    const { data } = this.#context.getImageData(0, 0, WIDTH, HEIGHT);
    const size = { width: WIDTH, height: HEIGHT };
    // BT.709; what a browser shows is full range, which puts dark and bright even further apart.
    const luma = (x: number, y: number) => {
      const at = (y * WIDTH + x) * 4;
      return 0.2126 * (data[at] ?? 0) + 0.7152 * (data[at + 1] ?? 0) + 0.0722 * (data[at + 2] ?? 0);
    };
    const mark = decodeCalibrationMark(luma, size);
    const seen = { hash: hashOf(data), mark, patch: patchLuma(luma, size), lean: leanOf(luma) };
    this.#count++;
    this.#hashes.add(seen.hash);
    this.#frames.push(seen);
    if (this.#frames.length > KEPT_FRAMES) this.#frames.shift();
    if (!mark) return;
    this.#nonces.add(mark.nonce);
    const bright = seen.patch > BRIGHT ? true : seen.patch < DARK ? false : this.#bright;
    if (this.#bright !== undefined && bright !== this.#bright) this.#flips++;
    this.#bright = bright;
  }
}

function leanOf(luma: LumaSampler): number {
  const [top, bottom] = [Math.round(HEIGHT * 0.2), Math.round(HEIGHT * 0.5)];
  const third = Math.floor(WIDTH / 3);
  let difference = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = 0; x < third; x++) difference += luma(x, y) - luma(WIDTH - 1 - x, y);
  }
  return difference / (third * (bottom - top));
}

/** FNV-1a over every pixel's 32 bits. */
function hashOf(data: Uint8ClampedArray): number {
  let hash = 0x811c_9dc5;
  for (const pixel of new Uint32Array(data.buffer)) hash = Math.imul(hash ^ pixel, 0x0100_0193);
  return hash >>> 0;
}
