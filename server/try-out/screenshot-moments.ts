import type { RawPicture } from '../../renderer/cover.ts';
import { isPlain, looksAlike, samplesOf } from './picture-samples.ts';

/** A picture of a game, kept as it was. */
export interface TakenPicture extends RawPicture {
  /** From the first window on. */
  readonly atMs: number;
}

/** From the first window on, in milliseconds: a title, what follows it, and the game once it is played. */
export const SCREENSHOT_MOMENTS_MS = [1_000, 4_500, 8_000, 11_500, 15_000] as const;

/**
 * Keeps a few of a game's pictures: at each moment the first one from then on that shows something,
 * and something else than those before.
 */
export class ScreenshotMoments {
  readonly #taken: (TakenPicture & { readonly samples: Uint8Array })[] = [];
  #next = 0;
  #showsSomething = false;

  get taken(): readonly TakenPicture[] {
    return this.#taken;
  }

  /** Whether any picture so far was more than one colour. */
  get showsSomething(): boolean {
    return this.#showsSomething;
  }

  /** @param picture lent for this call. @param atMs from the first window on. */
  handlePicture(picture: RawPicture, atMs: number): void {
    const isDue = atMs >= (SCREENSHOT_MOMENTS_MS[this.#next] ?? Number.POSITIVE_INFINITY);
    if (this.#showsSomething && !isDue) return;
    const samples = samplesOf(picture);
    if (isPlain(samples)) return;
    this.#showsSomething = true;
    if (!isDue || this.#taken.some((one) => looksAlike(one.samples, samples))) return;
    const { format, width, height, pixels } = picture;
    this.#taken.push({ format, width, height, pixels: pixels.slice(), atMs, samples });
    // A moment that passed while there was nothing to see is not made up for.
    while (atMs >= (SCREENSHOT_MOMENTS_MS[this.#next] ?? Number.POSITIVE_INFINITY)) this.#next++;
  }
}
