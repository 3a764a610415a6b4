import type { Resolution } from '../../../protocol/stream-settings.ts';

/** Pixels, from the upper left corner. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The smallest rectangle around everything that was added to it. */
export class DamageBox {
  #left = Number.POSITIVE_INFINITY;
  #top = Number.POSITIVE_INFINITY;
  #right = Number.NEGATIVE_INFINITY;
  #bottom = Number.NEGATIVE_INFINITY;

  get isEmpty(): boolean {
    return this.#right < this.#left;
  }

  add(x: number, y: number, width: number, height: number): void {
    this.#left = Math.min(this.#left, x);
    this.#top = Math.min(this.#top, y);
    this.#right = Math.max(this.#right, x + width);
    this.#bottom = Math.max(this.#bottom, y + height);
  }

  /** What lies within the picture, and empties the box; undefined where nothing does. */
  take({ width, height }: Resolution): Rectangle | undefined {
    const x = Math.max(0, this.#left);
    const y = Math.max(0, this.#top);
    const right = Math.min(width, this.#right);
    const bottom = Math.min(height, this.#bottom);
    this.clear();
    if (right <= x || bottom <= y) return undefined;
    return { x, y, width: right - x, height: bottom - y };
  }

  clear(): void {
    this.#left = Number.POSITIVE_INFINITY;
    this.#top = Number.POSITIVE_INFINITY;
    this.#right = Number.NEGATIVE_INFINITY;
    this.#bottom = Number.NEGATIVE_INFINITY;
  }
}
