import type { VideoCodec } from '../../protocol/stream-settings.ts';

/** A keyframe cannot be had sooner than this after another one: see the video pipeline. */
const REQUEST_INTERVAL_US = 300_000;

/** What of a picture says whether it can be decoded. */
interface ChainLink {
  readonly codec: VideoCodec;
  readonly keyframe: boolean;
}

/**
 * Each picture is a change of the one before: once one is missing, nothing helps but a keyframe.
 * Knows whether one is needed, and asks for it, but not for another one while it may be on its way.
 */
export class KeyframeNeed {
  readonly #handleRequest: () => void;
  #codec: VideoCodec | undefined;
  #needed = true;
  /** When one was last asked for or sent. */
  #lastUs = Number.NEGATIVE_INFINITY;
  #requests = 0;

  constructor(handleRequest: () => void) {
    this.#handleRequest = handleRequest;
  }

  /** Since this was made. */
  get requests(): number {
    return this.#requests;
  }

  /** Whether the far side can decode a picture, as far as this side knows. */
  admits({ codec, keyframe }: ChainLink): boolean {
    // Pictures of one codec say nothing to the decoder of another.
    return keyframe || (!this.#needed && codec === this.#codec);
  }

  /** The picture is on its way. */
  handleSent({ codec, keyframe }: ChainLink, nowUs: number): void {
    this.#codec = codec;
    this.#needed = false;
    if (keyframe) this.#lastUs = nowUs;
  }

  /** A picture that was to be sent is not: the next one adds to something that never came. */
  handleDropped(): void {
    this.#needed = true;
  }

  request(nowUs: number): void {
    this.#lastUs = nowUs;
    this.#requests++;
    this.#handleRequest();
  }

  /** Unless one was asked for, or sent, a moment ago. */
  requestSoon(nowUs: number): void {
    if (nowUs - this.#lastUs >= REQUEST_INTERVAL_US) this.request(nowUs);
  }
}
