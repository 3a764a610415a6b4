import type { Resolution } from '../protocol/stream-settings.ts';
import type { BuiltInGame } from './built-in-game.ts';
import type { Scheduler } from './clock.ts';
import type { OpenPainter, Painter, Picture } from './painter.ts';
import { PictureDelay } from './picture-delay.ts';

/** A painter whose pictures are finished a fixed time later than they are. */
class DelayedPainter implements Painter {
  readonly #painter: Painter;
  readonly #delay: PictureDelay;

  constructor(painter: Painter, delay: PictureDelay) {
    this.#painter = painter;
    this.#delay = delay;
  }

  get game(): BuiltInGame {
    return this.#painter.game;
  }

  get ready(): boolean {
    return this.#painter.ready;
  }

  paint(done: (picture: Picture) => void): void {
    this.#painter.paint((picture) => this.#delay.hold(picture, done));
  }

  resize(resolution: Resolution): Promise<void> {
    return this.#painter.resize(resolution);
  }

  close(): Promise<void> {
    this.#delay.close();
    return this.#painter.close();
  }
}

/** The same painter with rendering delayed on purpose: see `ROCKPOOL_DELAY_RENDER_MS`. */
export function delayPainter(
  open: OpenPainter,
  delayMs: number,
  scheduler: Scheduler,
): OpenPainter {
  return async (...session) =>
    new DelayedPainter(await open(...session), new PictureDelay(delayMs, scheduler));
}
