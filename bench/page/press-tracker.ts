import type { CalibrationMark } from '../../protocol/calibration-picture.ts';

/** One key press followed to the first displayed picture that shows it; `performance.now()` times. */
export interface PixelSample {
  readonly inputSeq: number;
  readonly inputAtMs: number;
  readonly shownAtMs: number;
  readonly frameNumber: number;
}

export interface Picture {
  readonly mark: CalibrationMark;
  /** Whether the flip patch is bright; undefined where it is neither bright nor dark. */
  readonly bright: boolean | undefined;
  readonly shownAtMs: number;
}

interface Press {
  readonly inputSeq: number;
  readonly inputAtMs: number;
}

/**
 * Tells from pictures of the calibration scene which presses they show. The strip names the last
 * input applied, and the patch has to have flipped: they are drawn apart from each other, and a
 * picture in which they contradict each other is no proof of anything.
 */
export class PressTracker {
  readonly samples: PixelSample[] = [];
  /** Pictures whose strip names a press that the patch does not show, or that have no patch. */
  contradictions = 0;
  #waiting: Press[] = [];
  #bright: boolean | undefined;

  /** Whether a picture has to be read. */
  get waiting(): boolean {
    return this.#bright === undefined || this.#waiting.length > 0;
  }

  get outstanding(): number {
    return this.#waiting.length;
  }

  handlePress(inputSeq: number, inputAtMs: number): void {
    this.#waiting.push({ inputSeq, inputAtMs });
  }

  handlePicture({ mark, bright, shownAtMs }: Picture): void {
    const shown = this.#waiting.filter(({ inputSeq }) => inputSeq <= mark.inputSeq);
    // Of several presses in one picture nobody can say how often the patch flipped: twice is back.
    if (bright === undefined || (shown.length === 1 && bright === this.#bright)) {
      this.contradictions++;
      return;
    }
    this.#bright = bright;
    this.#waiting = this.#waiting.slice(shown.length);
    for (const press of shown) {
      this.samples.push({ ...press, shownAtMs, frameNumber: mark.frameNumber });
    }
  }
}
