import {
  DEFAULT_RESOLUTION,
  fitWithin,
  MAX_PICTURE,
  type Resolution,
  type StreamSettings,
  sameResolution,
} from '../../protocol/stream-settings.ts';
import type { OwnDisplay } from '../../renderer/game-catalogue.ts';
import { type ManagedSecond, ResolutionGovernor } from './resolution-governor.ts';
import type { StreamShape } from './stream-connection.ts';

export interface GamePictureOptions {
  /** What `resolution: 'auto'` starts with. */
  readonly autoResolution: Resolution;
  /** Undefined where the game draws at any size it is told. */
  readonly display: OwnDisplay | undefined;
  readonly settings: StreamSettings;
}

/**
 * What a game is to draw and what is to be sent of it, by the player's settings. A game with a display
 * of its own decides the size itself: the frames say which. Where it does not follow a wish, the wish
 * is for what is sent.
 */
export class GamePicture {
  readonly #options: GamePictureOptions;
  #settings: StreamSettings;
  #asked: Resolution;
  #drawn: Resolution;
  #governor: ResolutionGovernor | undefined;

  constructor(options: GamePictureOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#asked = options.autoResolution;
    this.#drawn = options.autoResolution;
    this.#choose(undefined);
  }

  /** What the game shall draw at. */
  get asked(): Resolution {
    return this.#asked;
  }

  /** Frames per second. */
  get frameRate(): number {
    const { display } = this.#options;
    return Math.min(this.#settings.frameRate, display?.frameRate ?? Number.POSITIVE_INFINITY);
  }

  /** Whether the game may yet draw a smaller picture of itself. */
  get canYield(): boolean {
    return this.#governor?.canYield ?? false;
  }

  get shape(): StreamShape {
    const { resolution, maxBitrateBps, codec } = this.#settings;
    return {
      resolution: this.#drawn,
      largestSent: this.#options.display && resolution !== 'auto' ? resolution : undefined,
      frameRate: this.frameRate,
      maxBitrateBps,
      codec,
    };
  }

  applySettings(settings: StreamSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    this.#choose(before);
  }

  /** @returns whether the game draws at another size than before. */
  handleFrame(frame: Resolution): boolean {
    if (!this.#options.display || sameResolution(frame, this.#drawn)) return false;
    const told = fitWithin(frame, MAX_PICTURE);
    if (sameResolution(told, this.#drawn)) return false;
    this.#drawn = told;
    return true;
  }

  /** @returns whether the machine turned out to sustain another size. */
  handleSecond(second: ManagedSecond): boolean {
    const better = this.#governor?.handleSecond(second);
    if (!better) return false;
    this.#asked = better;
    this.#drawn = better;
    return true;
  }

  #choose(before: StreamSettings | undefined): void {
    const { display, autoResolution } = this.#options;
    const { resolution, frameRate } = this.#settings;
    if (display) {
      const own = resolution === 'auto' || !display.resizable;
      this.#asked = own ? display.resolution : resolution;
      return;
    }
    if (resolution !== 'auto') {
      this.#governor = undefined;
      this.#asked = resolution;
    } else if (before?.resolution !== 'auto' || before.frameRate !== frameRate) {
      this.#governor = new ResolutionGovernor(autoResolution, DEFAULT_RESOLUTION, frameRate);
      this.#asked = autoResolution;
    }
    this.#drawn = this.#asked;
  }
}
