import type { XRandr, XScreenMode } from 'x11';
import { RockpoolError } from '../../../protocol/errors.ts';
import { type Resolution, sameResolution } from '../../../protocol/stream-settings.ts';
import type { XConnection } from './x-connection.ts';

/** Dots an inch that games are told, so that text has the size it has on a common desktop. */
export const DOTS_PER_INCH = 96;

/** RandR §7: RRScreenChangeNotify. */
const SCREEN_CHANGE = 1;

/** The CVT blanking of a mode that no monitor ever shows; only its refresh rate is read. */
const BLANKING_PX = 160;
const BLANKING_LINES = 40;

/**
 * The size of an X screen, through RandR. The screen has one mode of its own, the size it was started
 * with; every other size is a mode made for it, with the refresh rate that games should see.
 *
 * A game that changes the mode by itself would be captured in part only: it is changed back.
 */
export class XScreen {
  readonly #connection: XConnection;
  readonly #randr: XRandr;
  readonly #refreshRate: number;
  readonly #stopListening: () => void;
  #resolution: Resolution | undefined;
  /** What the server told last. */
  #shown: Resolution | undefined;
  #changing: Promise<void> = Promise.resolve();

  private constructor(connection: XConnection, randr: XRandr, refreshRate: number) {
    this.#connection = connection;
    this.#randr = randr;
    this.#refreshRate = refreshRate;
    this.#stopListening = connection.onEvent((event) => {
      if (event.name === 'RRScreenChangeNotify') this.#keep(event);
    });
    randr.SelectInput(connection.root, SCREEN_CHANGE);
  }

  /**
   * @param refreshRate of the modes, frames per second.
   * @throws RockpoolError `game-failed` where the server has no RandR 1.3.
   */
  static async open(connection: XConnection, refreshRate: number): Promise<XScreen> {
    const randr = await connection.extension('randr');
    await connection.ask<readonly [number, number]>((done) => randr.QueryVersion(1, 3, done));
    return new XScreen(connection, randr, refreshRate);
  }

  /**
   * Changes follow one another; the last one asked for is the one that stays.
   * @throws RockpoolError `game-failed` where the server cannot have that size.
   */
  resize(resolution: Resolution): Promise<void> {
    this.#resolution = resolution;
    const change = this.#changing.then(() => this.#settle(resolution));
    this.#changing = change.catch(() => undefined);
    return change;
  }

  close(): void {
    this.#stopListening();
  }

  #keep({ width, height }: Resolution): void {
    this.#shown = { width, height };
    const wanted = this.#resolution;
    if (wanted && !sameResolution(this.#shown, wanted)) {
      // What keeps the server from it will keep it from the next change too, which is reported.
      this.resize(wanted).catch(() => undefined);
    }
  }

  /**
   * A change of ours is told in several steps, some of them with the old size, and all before its last
   * reply: what is still wrong then was a game's doing. A change for nothing would wipe the windows,
   * as the server paints all of a screen that changes anew.
   */
  async #settle(wanted: Resolution): Promise<void> {
    if (!this.#shown || !sameResolution(this.#shown, wanted)) await this.#apply(wanted);
  }

  async #apply({ width, height }: Resolution): Promise<void> {
    const { root } = this.#connection;
    const randr = this.#randr;
    const { maxWidth, maxHeight } = await this.#largest();
    if (width > maxWidth || height > maxHeight) {
      const message = `The X screen cannot be ${width}x${height}, only up to ${maxWidth}x${maxHeight}.`;
      throw new RockpoolError('game-failed', message);
    }
    const resources = await this.#resources();
    const [crtc] = resources.crtcs;
    const [output] = resources.outputs;
    if (crtc === undefined || output === undefined) {
      throw new RockpoolError('game-failed', 'The X screen has no output that could be resized.');
    }
    const mode = await this.#modeFor({ width, height }, output, resources.modeinfos);
    const setMode = (id: number, outputs: readonly number[]) =>
      this.#connection.ask<{ readonly status: number }>((done) =>
        randr.SetCrtcConfig(crtc, 0, 0, 0, 0, id, 1, outputs, done),
      );
    // Off first: a screen may not be smaller than what is shown on it (RandR §7, RRSetScreenSize).
    await setMode(0, []);
    randr.SetScreenSize(root, width, height, millimetres(width), millimetres(height));
    const { status } = await setMode(mode, [output]);
    if (status === 0) return;
    const message = `The X screen did not become ${width}x${height} (RandR status ${status}).`;
    throw new RockpoolError('game-failed', message);
  }

  #largest() {
    interface Range {
      readonly maxWidth: number;
      readonly maxHeight: number;
    }
    return this.#connection.ask<Range>((done) =>
      this.#randr.GetScreenSizeRange(this.#connection.root, done),
    );
  }

  #resources() {
    type Resources = Parameters<Parameters<XRandr['GetScreenResources']>[1]>[1];
    return this.#connection.ask<Resources>((done) =>
      this.#randr.GetScreenResources(this.#connection.root, done),
    );
  }

  async #modeFor(
    { width, height }: Resolution,
    output: number,
    known: readonly { readonly id: number; readonly name: string }[],
  ): Promise<number> {
    const hTotal = width + BLANKING_PX;
    const vTotal = height + BLANKING_LINES;
    const mode: XScreenMode = {
      width,
      height,
      dot_clock: hTotal * vTotal * this.#refreshRate,
      h_total: hTotal,
      v_total: vTotal,
      name: `${width}x${height}@${this.#refreshRate}`,
    };
    const existing = known.find(({ name }) => name === mode.name);
    if (existing) return existing.id;
    const id = await this.#connection.ask<number>((done) =>
      this.#randr.CreateMode(this.#connection.root, mode, done),
    );
    this.#randr.AddOutputMode(output, id);
    return id;
  }
}

function millimetres(pixels: number): number {
  return Math.round((pixels / DOTS_PER_INCH) * 25.4);
}
