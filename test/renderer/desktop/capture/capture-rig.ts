import { afterEach } from 'vitest';
import type { RockpoolError } from '../../../../protocol/errors.ts';
import { systemClock } from '../../../../renderer/clock.ts';
import { type GrabReport, X11Capture } from '../../../../renderer/desktop/capture/x11-capture.ts';
import type { XConnection } from '../../../../renderer/desktop/display/x-connection.ts';
import type { Picture } from '../../../../renderer/painter.ts';
import type { VirtualTime } from '../../../../renderer/virtual-time.ts';
import { i420Of } from '../../../support/i420-reference.ts';
import { XProgram } from '../../../support/x-program.ts';
import { connectedDisplay } from '../../../support/xvfb.ts';

export const SIZE = { width: 512, height: 288 };
export const BLACK = 0x000000;
export const RED = 0xff0000;
export const GREEN = 0x00ff00;
export const BLUE = 0x0000ff;

/** Called after the test, last first. */
export const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Pictures as they come, each copied and given back unless they are kept. */
export class Album {
  readonly pictures: { readonly picture: Picture; readonly report: GrabReport }[] = [];
  readonly failures: RockpoolError[] = [];
  keep = false;
  #waiting: (() => void)[] = [];

  handlePicture(picture: Picture, report: GrabReport): void {
    const copy = { ...picture, pixels: picture.pixels.slice() };
    this.pictures.push({ picture: this.keep ? picture : copy, report });
    if (!this.keep) picture.release();
    this.#wake();
  }

  handleFailure(error: RockpoolError): void {
    this.failures.push(error);
    this.#wake();
  }

  get newest() {
    const entry = this.pictures.at(-1);
    if (!entry) throw new Error('There is no picture yet.');
    return entry;
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** Y, U and V of a pixel, one byte each. */
export function pixel({ picture }: { readonly picture: Picture }, x: number, y: number): number {
  const { pixels, width, height } = picture;
  const luma = pixels[y * width + x] ?? 0;
  const u = width * height + (y >> 1) * (width >> 1) + (x >> 1);
  const v = u + (width * height) / 4;
  return (luma << 16) | ((pixels[u] ?? 0) << 8) | (pixels[v] ?? 0);
}

/** What {@link pixel} gives where all around has that colour, 0xRRGGBB. */
export function shown(colour: number): number {
  const bgra = new Uint8Array(16 * 2 * 4);
  for (let at = 0; at < bgra.length; at += 4) {
    bgra.set([colour & 255, (colour >> 8) & 255, colour >> 16], at);
  }
  const size = { width: 16, height: 2 };
  const picture = { format: 'i420' as const, ...size, pixels: i420Of(bgra, size), release() {} };
  return pixel({ picture }, 0, 0);
}

/** A capture of a display of its own, with a window that fills it; closed after the test. */
export async function captured({
  frameRate = 120,
  time = undefined as VirtualTime | undefined,
} = {}) {
  const { display, connection } = await connectedDisplay(SIZE, cleanups);
  const album = new Album();
  const timing = time
    ? { clock: time, scheduler: time }
    : // Grabs that the rate holds back run at once, in a later turn.
      {
        clock: systemClock,
        scheduler: {
          after: (_: number, task: () => void) => {
            const immediate = setImmediate(task);
            return () => clearImmediate(immediate);
          },
        },
      };
  const options = { resolution: SIZE, frameRate, ...timing };
  const capture = await X11Capture.open(connection, options, album);
  cleanups.push(() => capture.close());
  const program = await XProgram.open(display);
  cleanups.push(() => program.close());
  const window = await program.map({ x: 0, y: 0, ...SIZE, overrideRedirect: true });
  return { display, connection, capture, album, program, window };
}

/** What comes of a request has come when this resolves: events and grabs take their turns. */
export async function quiet(program: XProgram, connection: XConnection): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    await program.settled();
    await connection.settled();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
