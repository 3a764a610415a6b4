import type { EncoderReport } from '../../protocol/container-messages.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import { VIDEO_CODECS, type VideoCodec } from '../../protocol/stream-settings.ts';

/**
 * How many times faster than the stream an encoder must have been in its probe. A software encoder
 * shares its cores with the game, and every millisecond a frame is encoded is one of latency: three
 * times faster is a third of the frame's interval, 5.6 ms at 60 frames a second. Hardware works
 * beside the game and its time does not grow with the load.
 */
const SOFTWARE_HEADROOM = 3;
const HARDWARE_HEADROOM = 1.5;

/** Where none is fast enough: measured once, on a machine that may have been busy, these are equal. */
const ABOUT_AS_FAST = 2 / 3;

/**
 * Software encoders worth choosing unasked. SVT-AV1 needs 40 % fewer bits than x264, but takes a new
 * rate only when opened anew, with a keyframe: too seldom for a network that changes.
 */
const STEERABLE: readonly VideoCodec[] = ['h264', 'vp8'];

export interface CodecRequest {
  /** What the browser decodes. */
  readonly receivable: readonly VideoCodec[];
  /** What this machine encodes, as measured. */
  readonly encoders: readonly EncoderReport[];
  readonly wanted: VideoCodec | 'auto';
  /** Luma samples a second of the stream. */
  readonly pixelsPerSecond: number;
}

/**
 * The codecs both sides have, the one to use first: what was asked for; else the one that needs the
 * fewest bits among those encoded fast enough; else the fastest.
 * @throws RockpoolError `no-common-codec`.
 */
export function rankCodecs(request: CodecRequest): readonly [VideoCodec, ...VideoCodec[]] {
  const common = VIDEO_CODECS.filter(
    (codec) => request.receivable.includes(codec) && speed(request, codec) > 0,
  );
  const fastest = Math.max(0, ...common.map((codec) => speed(request, codec)));
  const enough = Math.min(request.pixelsPerSecond, fastest * ABOUT_AS_FAST);
  const preference = (codec: VideoCodec): number => {
    if (codec === request.wanted) return Number.POSITIVE_INFINITY;
    // Fast enough, all are equal and the order of VIDEO_CODECS stays.
    const inTime = Math.min(1, speed(request, codec) / enough);
    return isSteerable(request, codec) ? inTime : inTime - 1;
  };
  const [best, ...others] = common.sort((a, b) => preference(b) - preference(a));
  if (!best) {
    throw new RockpoolError(
      'no-common-codec',
      'This browser decodes none of the video codecs that the container has an encoder for.',
    );
  }
  return [best, ...others];
}

/** Luma samples a second that the best encoder of a codec sustains beside everything else. */
function speed({ encoders }: CodecRequest, codec: VideoCodec): number {
  const speeds = encoders
    .filter((encoder) => encoder.codec === codec)
    .map(({ hardware, pixelsPerSecond }) => {
      return pixelsPerSecond / (hardware ? HARDWARE_HEADROOM : SOFTWARE_HEADROOM);
    });
  return Math.max(0, ...speeds);
}

function isSteerable({ encoders }: CodecRequest, codec: VideoCodec): boolean {
  const hardware = encoders.some((encoder) => encoder.codec === codec && encoder.hardware);
  return hardware || STEERABLE.includes(codec);
}
