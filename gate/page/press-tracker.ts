import type { CalibrationMark } from '../../protocol/calibration-picture.ts';
import { type PressNumbering, SequenceNumbering } from './press-numbering.ts';

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
  /** As the strip will name it. */
  readonly number: number;
}

/**
 * Tells from pictures of the calibration scene which presses they show. The strip names the last
 * press, and the patch has to have flipped: they are drawn apart from each other, and a picture in
 * which they contradict each other is no proof of anything.
 */
export class PressTracker {
  readonly samples: PixelSample[] = [];
  /** Pictures without a patch, or whose strip names a press that it does not show or nobody made. */
  contradictions = 0;
  readonly #numbering: PressNumbering;
  #waiting: Press[] = [];
  #bright: boolean | undefined;

  constructor(numbering: PressNumbering = new SequenceNumbering()) {
    this.#numbering = numbering;
  }

  /** Whether a picture has to be read. */
  get waiting(): boolean {
    return this.#bright === undefined || this.#waiting.length > 0;
  }

  get outstanding(): number {
    return this.#waiting.length;
  }

  /** A press before the first picture is not followed: that may show it or not. */
  handlePress(inputSeq: number, inputAtMs: number): void {
    if (this.#bright === undefined) return;
    this.#waiting.push({ inputSeq, inputAtMs, number: this.#numbering.numberOf(inputSeq) });
  }

  handlePicture({ mark, bright, shownAtMs }: Picture): void {
    if (bright === undefined) {
      this.contradictions++;
      return;
    }
    if (this.#bright === undefined) {
      this.#numbering.handleFirstPicture(mark.inputSeq);
      this.#bright = bright;
      return;
    }
    const shown = this.#waiting.filter(({ number }) => number <= mark.inputSeq);
    // Of several presses in one picture nobody can say how often the patch flipped: twice is back.
    const unflipped = shown.length === 1 && bright === this.#bright;
    if (unflipped || this.#numbering.isAhead(mark.inputSeq)) {
      this.contradictions++;
      return;
    }
    this.#bright = bright;
    this.#waiting = this.#waiting.slice(shown.length);
    for (const { inputSeq, inputAtMs } of shown) {
      this.samples.push({ inputSeq, inputAtMs, shownAtMs, frameNumber: mark.frameNumber });
    }
  }
}
