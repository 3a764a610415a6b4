import { toRockpoolError } from '../../protocol/errors.ts';
import type { Resolution } from '../../protocol/stream-settings.ts';
import { frameBytes } from '../game-runtime.ts';
import type { OpenPainter, Painter, PainterListener, Picture } from '../painter.ts';
import { PictureBuffers } from '../picture-buffers.ts';
import type { PatternGame, PatternGameFactory } from './pattern-game.ts';

/** Lets a game draw on the CPU, within the call, straight into I420. */
class PatternPainter implements Painter {
  readonly game: PatternGame;
  readonly #listener: PainterListener;
  #resolution: Resolution;
  #buffers: PictureBuffers;

  constructor(game: PatternGame, resolution: Resolution, listener: PainterListener) {
    this.game = game;
    this.#listener = listener;
    this.#resolution = resolution;
    this.#buffers = this.#reserve();
    game.resize(resolution);
  }

  get ready(): boolean {
    return this.#buffers.available > 0;
  }

  paint(done: (picture: Picture) => void): void {
    const buffer = this.#buffers.take();
    if (!buffer) return;
    const { width, height } = this.#resolution;
    this.game.draw(buffer.pixels);
    done({ format: 'i420', width, height, pixels: buffer.pixels, release: buffer.release });
  }

  async resize(resolution: Resolution): Promise<void> {
    this.#resolution = resolution;
    this.#buffers = this.#reserve();
    this.game.resize(resolution);
  }

  async close(): Promise<void> {
    this.game.close();
  }

  #reserve(): PictureBuffers {
    const bytes = frameBytes('i420', this.#resolution);
    return PictureBuffers.allocate(bytes, () => this.#listener.handleReady());
  }
}

export function openPatternPainter(createGame: PatternGameFactory): OpenPainter {
  return async (setup, resolution, listener) => {
    try {
      return new PatternPainter(createGame(setup), resolution, listener);
    } catch (thrown) {
      throw toRockpoolError(thrown, 'game-failed');
    }
  };
}
