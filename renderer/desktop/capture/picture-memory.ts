import type { Resolution } from '../../../protocol/stream-settings.ts';
import { frameBytes } from '../../game-runtime.ts';
import type { Picture } from '../../painter.ts';
import { PictureBuffers } from '../../picture-buffers.ts';
import type { XConnection } from '../display/x-connection.ts';
import type { Rectangle } from './damage-box.ts';
import { SharedSegment } from './shared-segment.ts';

/** Rows of a buffer that are older than the segment's. */
interface StaleRows {
  top: number;
  bottom: number;
}

/**
 * The memory of pictures of one size. The segment always holds the whole picture as it was grabbed
 * last; a grab renews the rows that changed, and a buffer that is lent is brought up to date by the
 * rows that changed since it was lent before. A game that draws all of its picture pays for all of
 * it, one that moves a cursor for the cursor's rows.
 */
export class PictureMemory {
  readonly resolution: Resolution;
  readonly #segment: SharedSegment;
  readonly #buffers: PictureBuffers;
  readonly #stale = new Map<Uint8Array, StaleRows>();
  readonly #rowBytes: number;

  private constructor(resolution: Resolution, segment: SharedSegment, handleReturn: () => void) {
    this.resolution = resolution;
    this.#segment = segment;
    this.#buffers = new PictureBuffers(frameBytes('bgra', resolution), handleReturn);
    this.#rowBytes = resolution.width * 4;
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
    const segment = await SharedSegment.open(connection, frameBytes('bgra', resolution));
    return new PictureMemory(resolution, segment, handleReturn);
  }

  /** Whether a picture could be lent. */
  get available(): boolean {
    return this.#buffers.available > 0;
  }

  /**
   * Brings what a drawable shows into memory. One at a time, and only while {@link available}.
   * @param changed what differs from the grab before; the first one must name all of the picture.
   * @throws RockpoolError `internal` where the drawable is smaller than the picture.
   */
  async grab(drawable: number, { y, height }: Rectangle): Promise<Picture> {
    const lent = this.#buffers.take();
    if (!lent) throw new RangeError('All pictures are lent.');
    try {
      const { width } = this.resolution;
      const rowBytes = this.#rowBytes;
      this.#age(y, y + height);
      const rows = { top: y, width, height };
      await this.#segment.grab(drawable, rows, y * rowBytes, height * rowBytes);
      const stale = this.#staleRows(lent.pixels);
      const { top, bottom } = stale;
      await this.#segment.read(lent.pixels, top * rowBytes, (bottom - top) * rowBytes);
      stale.top = this.resolution.height;
      stale.bottom = 0;
    } catch (thrown) {
      lent.release();
      throw thrown;
    }
    return { format: 'bgra', ...this.resolution, pixels: lent.pixels, release: lent.release };
  }

  /** After the last grab; pictures still lent stay valid until they are released. */
  close(): Promise<void> {
    return this.#segment.close();
  }

  #age(top: number, bottom: number): void {
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
