import { type Resolution, sizesUpTo, type VideoCodec } from '../../protocol/stream-settings.ts';
import type { SentPicture } from '../encode/video-pipeline.ts';

/*
 * When the network carries less than a picture needs, the encoder first makes it coarser by itself.
 * Where that would show, a smaller picture at the same rate looks better, and after that one shown
 * half as often. The game goes on at its own size: only what is sent changes.
 */

/** What a window of about half a second of encoding looked like. */
export interface EncodedWindow {
  readonly codec: VideoCodec;
  /** Mean of `EncodedFrame.quantizer`, 0 to 1; undefined where the encoder does not tell. */
  readonly quantizer: number | undefined;
  /** What the encoder was allowed, payload bits a second. */
  readonly bitrateBps: number;
  /** Share of the frames that were not encoded because the network was behind, 0 to 1. */
  readonly skipped: number;
}

/** Coarser than this shows as blocks: QP 38 of 51 in H.264, index 95 of 127 in VP8. */
const COARSE = 0.75;
/** What a size may be expected to come out at before it is tried. */
const EXPECTED = COARSE - 0.08;
/**
 * How much coarser is half the bits. In H.264 and H.265 the step size doubles every 6 of 51 (H.264
 * §8.5.9); the tables of VP8 and AV1 grow more slowly at this end: measured on moving game pictures.
 */
const HALVING: Readonly<Record<VideoCodec, number>> = {
  h264: 6 / 51,
  h265: 6 / 51,
  vp8: 0.4,
  av1: 0.16,
};
/** Without a quantizer: bits a pixel that a fast encoder turns into a good and into a poor picture. */
const GOOD_BITS = 0.06;
const POOR_BITS = 0.025;
/** More skipped than this, and frames do not fit even as coarse as they get. */
const MANY_SKIPPED = 0.15;

/** Windows in a row that must agree: half a second on the way down, one and a half up. */
const WINDOWS_DOWN = 1;
const WINDOWS_UP = 3;
/** A step up that had to be taken back makes the next one wait twice as long, up to this. */
const MAX_WINDOWS_UP = 60;
/** Windows after which a step up is proven. */
const PROVEN_WINDOWS = 20;
/** The first windows after a change show its keyframe, not its picture. */
const SETTLE_WINDOWS = 1;

/** Chooses the size and rate to send, from how coarse the pictures had to be. */
export class PictureGovernor {
  /** Smallest first; the last is what the game draws. */
  #sizes: readonly [Resolution, ...Resolution[]];
  #index: number;
  #frameRate: number;
  #halved = false;
  #coarseWindows = 0;
  #fineWindows = 0;
  #settling = 0;
  #windowsUp = WINDOWS_UP;
  #windowsSinceUp = Number.POSITIVE_INFINITY;

  /** @param game what the game draws: never enlarged. */
  constructor(game: Resolution, frameRate: number) {
    this.#sizes = sizesUpTo(game);
    this.#index = this.#largest;
    this.#frameRate = frameRate;
  }

  get sent(): SentPicture {
    const frameRate = this.#halved ? Math.round(this.#frameRate / 2) : this.#frameRate;
    return { ...this.#size(this.#index), frameRate };
  }

  /** The game draws at another size or rate from now on. */
  setGame(game: Resolution, frameRate: number): void {
    const reduced = this.#index < this.#largest;
    const enough = this.#pixels(this.#index);
    this.#sizes = sizesUpTo(game);
    this.#index = this.#largest;
    while (reduced && this.#index > 0 && this.#pixels(this.#index) > enough) this.#index--;
    this.#frameRate = frameRate;
  }

  /** @returns whether {@link sent} changed. */
  handleWindow(window: EncodedWindow): boolean {
    this.#windowsSinceUp++;
    if (this.#windowsSinceUp === PROVEN_WINDOWS) this.#windowsUp = WINDOWS_UP;
    if (this.#settling > 0) {
      this.#settling--;
      return false;
    }
    const coarse = this.#excess(window);
    this.#coarseWindows = coarse > 0 ? this.#coarseWindows + 1 : 0;
    if (this.#coarseWindows >= WINDOWS_DOWN) return this.#stepDown(coarse);
    const better = coarse < 0 ? this.#better(window) : undefined;
    this.#fineWindows = better === undefined ? 0 : this.#fineWindows + 1;
    if (better === undefined || this.#fineWindows < this.#windowsUp) return false;
    this.#windowsSinceUp = 0;
    if (this.#halved) this.#halved = false;
    else this.#index = better;
    return this.#changed();
  }

  /** How many times too many bits the picture needs, as a power of two; below 0 there is room. */
  #excess({ codec, quantizer, bitrateBps, skipped }: EncodedWindow): number {
    // One size smaller: by how much it was too large, skipped frames do not tell.
    if (skipped > MANY_SKIPPED) return 0.5;
    if (quantizer !== undefined) return (quantizer - COARSE) / HALVING[codec];
    return Math.log2(POOR_BITS / this.#bitsPerPixel(bitrateBps, this.#index));
  }

  #stepDown(excess: number): boolean {
    if (this.#windowsSinceUp < PROVEN_WINDOWS) {
      this.#windowsUp = Math.min(MAX_WINDOWS_UP, this.#windowsUp * 2);
    }
    if (this.#index === 0) {
      // Fewer than 30 a second would be a slide show.
      if (this.#halved || this.#frameRate <= 30) return false;
      this.#halved = true;
      return this.#changed();
    }
    const enough = this.#pixels(this.#index) / 2 ** excess;
    do this.#index--;
    while (this.#index > 0 && this.#pixels(this.#index) > enough);
    return this.#changed();
  }

  /** The largest size expected to look well, the present one for the full rate; undefined: none. */
  #better({ codec, quantizer, bitrateBps }: EncodedWindow): number | undefined {
    const fits = (growth: number, index: number): boolean => {
      if (quantizer !== undefined)
        return quantizer + Math.log2(growth) * HALVING[codec] <= EXPECTED;
      return this.#bitsPerPixel(bitrateBps, index) >= GOOD_BITS;
    };
    // Twice the frames need less than twice the bits: each differs less from the one before.
    if (this.#halved) return fits(1.6, this.#index) ? this.#index : undefined;
    for (let index = this.#largest; index > this.#index; index--) {
      if (fits(this.#pixels(index) / this.#pixels(this.#index), index)) return index;
    }
    return undefined;
  }

  #bitsPerPixel(bitrateBps: number, index: number): number {
    return bitrateBps / (this.#pixels(index) * this.sent.frameRate);
  }

  get #largest(): number {
    return this.#sizes.length - 1;
  }

  #size(index: number): Resolution {
    return this.#sizes[index] ?? this.#sizes[0];
  }

  #pixels(index: number): number {
    const { width, height } = this.#size(index);
    return width * height;
  }

  #changed(): true {
    this.#coarseWindows = 0;
    this.#fineWindows = 0;
    this.#settling = SETTLE_WINDOWS;
    return true;
  }
}
