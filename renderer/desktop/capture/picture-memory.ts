import type { Resolution } from '../../../protocol/stream-settings.ts';
import type { Picture } from '../../painter.ts';
import { type LentBuffer, PICTURE_BUFFERS, PictureBuffers } from '../../picture-buffers.ts';
import type { XConnection } from '../display/x-connection.ts';
import type { Rectangle } from './damage-box.ts';
import { I420Converter, PIXEL_BYTES } from './i420-converter.ts';
import { SharedSegment } from './shared-segment.ts';

/** Rows of a buffer that are older than the segment's; both even, as I420 has them in pairs. */
interface StaleRows {
  top: number;
  bottom: number;
}

/**
 * The memory of pictures of one size. The segment always holds the whole picture as it was grabbed
 * last; a buffer that is lent, of I420, is brought up to date by the rows that changed since it was lent
 * before. A game that draws all of its picture pays for all of it; one that moves a cursor for the
 * cursor's rows, and the 0.4 ms that the server takes to copy 720p.
 */
export class PictureMemory {
  readonly resolution: Resolution;
  readonly #segment: SharedSegment;
  readonly #buffers: PictureBuffers;
  readonly #stale = new Map<Uint8Array, StaleRows>();
  readonly #converter: I420Converter;
  readonly #rowBytes: number;
  /** What the last grab filled; undefined before the first, and where one has failed half way. */
  #newest: Uint8Array | undefined;

  private constructor(
    resolution: Resolution,
    segment: SharedSegment,
    converter: I420Converter,
    handleReturn: () => void,
  ) {
    this.resolution = resolution;
    this.#segment = segment;
    this.#converter = converter;
    this.#buffers = new PictureBuffers(converter.pictures, handleReturn);
    this.#rowBytes = resolution.width * PIXEL_BYTES;
  }

  /**
   * @param handleReturn called whenever a picture came back.
   * @throws RockpoolError `resource-limit`, `game-failed`.
   */
  static async open(
    connection: XConnection,
    resolution: Resolution,
    handleReturn: () => void,
  ): Promise<PictureMemory> {
    const converter = await I420Converter.open(resolution, PICTURE_BUFFERS);
    const segment = await SharedSegment.open(connection, converter.pixels.length);
    return new PictureMemory(resolution, segment, converter, handleReturn);
  }

  /** Whether a picture could be lent. */
  get available(): boolean {
    return this.#buffers.available > 0;
  }

  /**
   * Brings what a drawable shows into memory. One at a time, and only while {@link available}.
   * @param changed asked once the server has copied the picture: what differs from the grab before.
   * The first one must name all of the picture.
   * @returns undefined where nothing changed.
   * @throws RockpoolError `internal` where the drawable is smaller than the picture.
   */
  async grab(drawable: number, changed: () => Rectangle | undefined): Promise<Picture | undefined> {
    const lent = this.#buffers.take();
    if (!lent) throw new RangeError('All pictures are lent.');
    try {
      await this.#segment.grab(drawable, this.resolution);
      const damage = changed();
      if (!damage) {
        lent.release();
        return undefined;
      }
      this.#age(damage);
      this.#newest = undefined;
      const rowBytes = this.#rowBytes;
      const stale = this.#staleRows(lent.pixels);
      const { top, bottom } = stale;
      const { pixels } = this.#converter;
      await this.#segment.read(pixels, top * rowBytes, (bottom - top) * rowBytes);
      this.#converter.convert(lent.pixels, top, bottom);
      stale.top = this.resolution.height;
      stale.bottom = 0;
    } catch (thrown) {
      lent.release();
      throw thrown;
    }
    this.#newest = lent.pixels;
    return this.#pictureIn(lent);
  }

  /** What was grabbed last, once more; undefined where nothing was, or it is still lent. */
  repeat(): Picture | undefined {
    const lent = this.#newest && this.#buffers.takeAgain(this.#newest);
    return lent && this.#pictureIn(lent);
  }

  /** After the last grab; pictures still lent stay valid until they are released. */
  close(): Promise<void> {
    return this.#segment.close();
  }

  #pictureIn({ pixels, release }: LentBuffer): Picture {
    return { format: 'i420', ...this.resolution, pixels, release };
  }

  #age({ y, height }: Rectangle): void {
    const top = y - (y % 2);
    const bottom = y + height + ((y + height) % 2);
    for (const stale of this.#stale.values()) {
      stale.top = Math.min(stale.top, top);
      stale.bottom = Math.max(stale.bottom, bottom);
    }
  }

  #staleRows(pixels: Uint8Array): StaleRows {
    const known = this.#stale.get(pixels);
    if (known) return known;
    const all = { top: 0, bottom: this.resolution.height };
    this.#stale.set(pixels, all);
    return all;
  }
}
