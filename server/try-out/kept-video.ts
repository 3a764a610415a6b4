import type { VideoCodec } from '../../protocol/stream-settings.ts';
import type { EncodedVideo } from '../encode/video-pipeline.ts';

type Kept = Pick<EncodedVideo, 'data' | 'codec' | 'keyframe' | 'width' | 'height' | 'tickUs'>;

/** 20 s at the usual 12 Mbit/s are 30 MB. */
const MAX_BYTES = 64 * 2 ** 20;

const FILE_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 12;

/** FFmpeg knows codecs in this container by the names that RIFF has for them. */
const FOUR_CC: Record<VideoCodec, string> = {
  h264: 'H264',
  h265: 'HEVC',
  vp8: 'VP80',
  av1: 'AV01',
};

/** The encoded pictures of a run, each with its time. */
export class KeptVideo {
  readonly #requestKeyframe: () => void;
  #pictures: Kept[] = [];
  #bytes = 0;
  #isBroken = false;

  /** @param requestKeyframe what follows too much is kept from the next keyframe on. */
  constructor(requestKeyframe: () => void) {
    this.#requestKeyframe = requestKeyframe;
  }

  /** From the first picture to the last, in milliseconds. */
  get durationMs(): number {
    const first = this.#pictures[0]?.tickUs ?? 0;
    return ((this.#pictures.at(-1)?.tickUs ?? first) - first) / 1000;
  }

  get pictures(): number {
    return this.#pictures.length;
  }

  handleVideo({ data, codec, keyframe, width, height, tickUs }: EncodedVideo): void {
    if (this.#isBroken && !keyframe) return;
    this.#isBroken = false;
    this.#bytes += data.byteLength;
    this.#pictures.push({ data, codec, keyframe, width, height, tickUs });
    if (this.#bytes <= MAX_BYTES) return;
    this.#pictures = [];
    this.#bytes = 0;
    this.#isBroken = true;
    this.#requestKeyframe();
  }

  /**
   * All of it as an IVF file, whose time base is the millisecond: the simplest container that keeps the
   * time of each picture, which a bare stream has not. Undefined where there is nothing.
   */
  toIvf(): Uint8Array | undefined {
    const [first] = this.#pictures;
    if (!first) return undefined;
    const file = Buffer.alloc(
      FILE_HEADER_BYTES + this.#pictures.length * FRAME_HEADER_BYTES + this.#bytes,
    );
    file.write('DKIF', 0, 'latin1');
    file.writeUInt16LE(FILE_HEADER_BYTES, 6);
    file.write(FOUR_CC[first.codec], 8, 'latin1');
    file.writeUInt16LE(first.width, 12);
    file.writeUInt16LE(first.height, 14);
    file.writeUInt32LE(1000, 16);
    file.writeUInt32LE(1, 20);
    file.writeUInt32LE(this.#pictures.length, 24);
    let at = FILE_HEADER_BYTES;
    let lastMs = -1;
    for (const { data, tickUs } of this.#pictures) {
      lastMs = Math.max(lastMs + 1, Math.round((tickUs - first.tickUs) / 1000));
      file.writeUInt32LE(data.byteLength, at);
      file.writeBigUInt64LE(BigInt(lastMs), at + 4);
      file.set(data, at + FRAME_HEADER_BYTES);
      at += FRAME_HEADER_BYTES + data.byteLength;
    }
    return file;
  }
}
