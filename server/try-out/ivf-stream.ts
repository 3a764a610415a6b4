import { PassThrough, type Readable } from 'node:stream';
import type { VideoCodec } from '../../protocol/stream-settings.ts';
import type { EncodedVideo } from '../encode/video-pipeline.ts';

export type Pictured = Pick<EncodedVideo, 'data' | 'codec' | 'width' | 'height' | 'tickUs'>;

const FILE_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 12;

/** FFmpeg knows codecs in this container by the names that RIFF has for them. */
const FOUR_CC: Record<VideoCodec, string> = {
  h264: 'H264',
  h265: 'HEVC',
  vp8: 'VP80',
  av1: 'AV01',
};

/**
 * Encoded pictures as an IVF file that is read while it grows. Its time base is the millisecond: the
 * simplest container that keeps the time of each picture, which a bare stream has not. What nobody has
 * read yet is kept: 20 s at the usual 12 Mbit/s are 30 MB.
 */
export class IvfStream {
  readonly #out = new PassThrough();
  #pictures = 0;
  #firstUs = 0;
  #lastUs = 0;
  #lastMs = -1;

  get readable(): Readable {
    return this.#out;
  }

  get pictures(): number {
    return this.#pictures;
  }

  /** From the first picture to the last, in milliseconds. */
  get durationMs(): number {
    return (this.#lastUs - this.#firstUs) / 1000;
  }

  handleVideo(video: Pictured): void {
    const { data, tickUs } = video;
    if (this.#pictures++ === 0) {
      this.#firstUs = tickUs;
      this.#out.write(fileHeader(video));
    }
    this.#lastUs = tickUs;
    this.#lastMs = Math.max(this.#lastMs + 1, Math.round((tickUs - this.#firstUs) / 1000));
    const header = Buffer.alloc(FRAME_HEADER_BYTES);
    header.writeUInt32LE(data.byteLength, 0);
    header.writeBigUInt64LE(BigInt(this.#lastMs), 4);
    this.#out.write(header);
    this.#out.write(data);
  }

  end(): void {
    this.#out.end();
  }
}

/** Without a number of pictures, which nobody knows yet. */
function fileHeader({ codec, width, height }: Pictured): Buffer {
  const header = Buffer.alloc(FILE_HEADER_BYTES);
  header.write('DKIF', 0, 'latin1');
  header.writeUInt16LE(FILE_HEADER_BYTES, 6);
  header.write(FOUR_CC[codec], 8, 'latin1');
  header.writeUInt16LE(width, 12);
  header.writeUInt16LE(height, 14);
  header.writeUInt32LE(1000, 16);
  header.writeUInt32LE(1, 20);
  return header;
}
