import {
  AV_CODEC_FLAG_LOW_DELAY,
  AV_CODEC_ID_AV1,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_CODEC_ID_VP8,
} from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet } from 'node-av/lib';
import { RockpoolError } from '../../protocol/errors.ts';
import type { Resolution, VideoCodec } from '../../protocol/stream-settings.ts';
import { expectSuccess, silenceLibav } from './libav-error.ts';
import { asBuffer } from './libav-frame.ts';

/** What a stream decoded to. */
export interface DecodedStream extends Resolution {
  readonly frames: number;
  /** Luma of the last frame, tightly packed. */
  readonly luma: Uint8Array;
}

const CODEC_IDS = {
  av1: AV_CODEC_ID_AV1,
  h265: AV_CODEC_ID_HEVC,
  h264: AV_CODEC_ID_H264,
  vp8: AV_CODEC_ID_VP8,
} as const;

function tightLuma(frame: Frame): Uint8Array {
  const { width, height } = frame;
  const stride = frame.linesize[0] ?? width;
  const plane = frame.data?.[0];
  if (!plane) throw new RockpoolError('encoder-failed', 'A decoded frame has no picture.');
  const luma = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    luma.set(plane.subarray(row * stride, row * stride + width), row * width);
  }
  return luma;
}

/**
 * Decodes access units in order, to check what an encoder made.
 * @throws RockpoolError `encoder-failed` where they are no valid stream.
 */
export async function decodeStream(
  codec: VideoCodec,
  accessUnits: Iterable<Uint8Array>,
): Promise<DecodedStream> {
  silenceLibav();
  const decoder = Codec.findDecoder(CODEC_IDS[codec]);
  if (!decoder) throw new RockpoolError('encoder-failed', `libav cannot decode ${codec}.`);
  const context = new CodecContext();
  const packet = new Packet();
  const frame = new Frame();
  let decoded: DecodedStream | undefined;
  const drain = async (): Promise<void> => {
    while ((await context.receiveFrame(frame)) >= 0) {
      const frames = (decoded?.frames ?? 0) + 1;
      decoded = { width: frame.width, height: frame.height, frames, luma: tightLuma(frame) };
      frame.unref();
    }
  };
  try {
    context.allocContext3(decoder);
    context.threadCount = 1;
    context.setFlags(AV_CODEC_FLAG_LOW_DELAY);
    packet.alloc();
    frame.alloc();
    expectSuccess(await context.open2(decoder), 'Opening the decoder');
    for (const data of accessUnits) {
      packet.data = asBuffer(data);
      expectSuccess(await context.sendPacket(packet), 'Decoding');
      packet.unref();
      await drain();
    }
    expectSuccess(await context.sendPacket(null), 'Finishing to decode');
    await drain();
  } finally {
    context.freeContext();
    packet.free();
    frame.free();
  }
  if (!decoded) throw new RockpoolError('encoder-failed', 'Nothing could be decoded.');
  return decoded;
}
