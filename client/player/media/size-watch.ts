import { type Resolution, sameResolution } from '../../../protocol/stream-settings.ts';

/** A quarter of a second each: a change is told and shown within a round trip and a few frames. */
const PATIENCE_READINGS = 3;

/**
 * Sees that a change of the picture's size has not arrived. Browsers that do not wait for all of an
 * H.264 keyframe (see `withWholeKeyframes`) decode what follows it as if it had the old size, which
 * shows rubble, and ask for nothing. One more keyframe mends that; it is asked for once a change.
 */
export class SizeWatch {
  #sent: Resolution | undefined;
  #framesDecoded = 0;
  #readings = 0;

  /** What the worker says it sends. */
  handleSent(sent: Resolution): void {
    if (this.#sent && sameResolution(this.#sent, sent)) return;
    this.#sent = { width: sent.width, height: sent.height };
    this.#readings = 0;
  }

  /**
   * @param decoded of the frame decoded last; undefined where the browser does not tell.
   * @param framesDecoded since the connection began.
   * @returns whether to ask for a keyframe.
   */
  handleDecoded(decoded: Resolution | undefined, framesDecoded: number): boolean {
    const moved = framesDecoded !== this.#framesDecoded;
    this.#framesDecoded = framesDecoded;
    if (!this.#sent || !decoded || !moved) return false;
    if (sameResolution(this.#sent, decoded)) this.#readings = PATIENCE_READINGS;
    if (this.#readings >= PATIENCE_READINGS) return false;
    this.#readings++;
    return this.#readings === PATIENCE_READINGS;
  }
}
