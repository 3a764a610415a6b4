import type { CalibrationMark } from '../../protocol/calibration-picture.ts';
import { PictureReader, type ReadPicture } from './picture-reader.ts';
import { createNumbering, type NumberingName } from './press-numbering.ts';
import { type PixelSample, PressTracker } from './press-tracker.ts';
import { watchSentInputs } from './sent-inputs.ts';
import { findSurface, type Surface, type SurfaceName } from './surface.ts';

/** What is taken out of the page after a block of presses. */
export interface PixelReport {
  readonly samples: readonly PixelSample[];
  readonly contradictions: number;
  /** Presses that no picture has shown yet. */
  readonly outstanding: number;
  /** What reading one picture took of the page's main thread. */
  readonly readCostsMs: readonly number[];
  /** Pixels, as decoded. */
  readonly width: number;
  readonly height: number;
}

/** What is followed. */
export interface PixelSubject {
  /** How its strip names presses; `sequence` where left out. */
  readonly numbering?: NumberingName;
  /** What shows it; `video` where left out. */
  readonly surface?: SurfaceName;
}

/**
 * The ground truth: follows presses to the screen by looking at the pixels. A picture counts as shown
 * when the page is told of it, and the time is taken before anything else is done. Pictures are read
 * only while a press is on its way, because reading one costs the main thread time.
 */
class PixelProbe {
  readonly #reader = new PictureReader();
  #tracker = new PressTracker();
  #readCostsMs: number[] = [];
  #surface: Surface | undefined;
  #surfaceName: SurfaceName = 'video';
  #handleFirst: () => void = () => undefined;
  #keys = 0;
  /** One picture after the other, as they were shown. */
  #read = Promise.resolve();

  constructor() {
    watchSentInputs((input, eventAtMs) => {
      if (input.type === 'key' && input.down) this.#tracker.handlePress(input.seq, eventAtMs);
    });
    // A page that draws its own pictures sends its keys in a way of its own, each in the event.
    const handleKey = ({ repeat, timeStamp }: KeyboardEvent) => {
      if (this.#surfaceName !== 'canvas' || repeat) return;
      this.#tracker.handlePress(++this.#keys, timeStamp);
    };
    addEventListener('keydown', handleKey, { capture: true });
  }

  /** Follows what the page shows from now on. Resolves once it shows the calibration scene. */
  async start({ numbering = 'sequence', surface = 'video' }: PixelSubject = {}): Promise<void> {
    const found = findSurface(surface);
    this.#tracker = new PressTracker(createNumbering(numbering));
    this.#readCostsMs = [];
    const followed = this.#surface?.element === found.element;
    this.#surfaceName = surface;
    this.#surface = found;
    await new Promise<void>((resolve) => {
      this.#handleFirst = resolve;
      if (!followed) this.#follow(found);
    });
  }

  async take(): Promise<PixelReport> {
    await this.#read;
    const { samples, contradictions, outstanding } = this.#tracker;
    const { width = 0, height = 0 } = this.#surface?.size ?? {};
    const readCostsMs = this.#readCostsMs;
    return { samples, contradictions, outstanding, readCostsMs, width, height };
  }

  /** What the strip says now; undefined where none can be read. */
  async mark(): Promise<CalibrationMark | undefined> {
    return this.#surface && (await this.#reader.read(this.#surface.element)).marks?.mark;
  }

  #follow(surface: Surface): void {
    const look = () => {
      const shownAtMs = performance.now();
      if (this.#surface?.element !== surface.element) return;
      surface.next(look);
      if (!this.#tracker.waiting) return;
      const tracker = this.#tracker;
      const reading = this.#reader.read(surface.element);
      this.#read = this.#read
        .then(() => reading)
        .then((picture) => this.#see(picture, shownAtMs, tracker));
    };
    surface.next(look);
  }

  #see({ marks, costMs }: ReadPicture, shownAtMs: number, tracker: PressTracker): void {
    // Those that were being read when something else was begun are nobody's.
    if (tracker !== this.#tracker) return;
    this.#readCostsMs.push(costMs);
    if (!marks) return;
    tracker.handlePicture({ ...marks, shownAtMs });
    this.#handleFirst();
  }
}

declare global {
  interface Window {
    pixelProbe?: PixelProbe;
  }
}

window.pixelProbe = new PixelProbe();
