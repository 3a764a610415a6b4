import sharp from 'sharp';
import type { LumaSampler } from '../../protocol/calibration-picture.ts';
import type { PlayerPage } from './player-page.ts';

/** A rectangle of a page, CSS pixels. */
export interface PageBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What a page showed at one moment, in CSS pixels. */
export class PagePixels {
  readonly width: number;
  readonly height: number;
  readonly #luma: Uint8Array;

  private constructor(width: number, height: number, luma: Uint8Array) {
    this.width = width;
    this.height = height;
    this.#luma = luma;
  }

  static async of({ page }: PlayerPage): Promise<PagePixels> {
    const png = await page.screenshot();
    const { data, info } = await sharp(png).greyscale().raw().toBuffer({ resolveWithObject: true });
    return new PagePixels(info.width, info.height, data);
  }

  /** Of what lies in a box, from its top left corner. */
  within({ left, top }: PageBox): LumaSampler {
    return (x, y) => this.#luma[Math.round(top + y) * this.width + Math.round(left + x)] ?? 0;
  }

  /** The brightest pixel of a box, 0 where it is empty. */
  brightest(box: PageBox): number {
    const luma = this.within(box);
    let brightest = 0;
    for (let y = 0; y < box.height; y++) {
      for (let x = 0; x < box.width; x++) brightest = Math.max(brightest, luma(x, y));
    }
    return brightest;
  }
}
