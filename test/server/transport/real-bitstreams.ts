import {
  AV_CODEC_FLAG_LOW_DELAY,
  AV_CODEC_ID_AV1,
  AV_CODEC_ID_HEVC,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  type AVCodecID,
  FF_ENCODER_LIBSVTAV1,
  FF_ENCODER_LIBX265,
} from 'node-av/constants';
import { Codec, CodecContext, Dictionary, Frame, Packet, Rational } from 'node-av/lib';
import { expectSuccess, silenceLibav } from '../../../server/encode/libav-error.ts';
import { createFrame } from '../../../server/encode/libav-frame.ts';

const SIZE = { width: 320, height: 192 };

/** Enough that frames need several packets. */
const BITRATE_BPS = 6_000_000;
const FRAME_RATE = 30;

const ENCODERS = {
  av1: {
    name: FF_ENCODER_LIBSVTAV1,
    decoderId: AV_CODEC_ID_AV1,
    options: { preset: '10', 'svtav1-params': 'pred-struct=1:rc=2:lookahead=0' },
  },
  h265: {
    name: FF_ENCODER_LIBX265,
    decoderId: AV_CODEC_ID_HEVC,
    options: {
      preset: 'ultrafast',
      tune: 'zerolatency',
      'forced-idr': '1',
      'x265-params': 'repeat-headers=1:log-level=none:pools=none:frame-threads=1',
    },
  },
} as const;

export interface RealStream {
  /** What the encoder made; the first and the fourth are keyframes. */
  readonly frames: readonly Buffer[];
  /** @returns how many pictures these frames decode to. */
  countDecoded(frames: readonly Buffer[]): Promise<number>;
}

/** Noise, so that every frame has something to code. */
function drawNoise(i420: Buffer, index: number): void {
  let state = 0x9e37_79b9 ^ index;
  for (let i = 0; i < i420.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    i420[i] = 96 + (state >>> 27);
  }
}

async function encodeFrames(codec: keyof typeof ENCODERS, count: number): Promise<Buffer[]> {
  const { name, options } = ENCODERS[codec];
  const encoder = Codec.findEncoderByName(name);
  if (!encoder) throw new Error(`no ${name}`);
  const context = new CodecContext();
  const packet = new Packet();
  const input = createFrame(AV_PIX_FMT_YUV420P, SIZE);
  const dictionary = Dictionary.fromObject(options);
  const i420 = Buffer.alloc((SIZE.width * SIZE.height * 3) / 2);
  const frames: Buffer[] = [];
  const drain = async (): Promise<void> => {
    while ((await context.receivePacket(packet)) >= 0) {
      if (packet.data) frames.push(Buffer.from(packet.data));
      packet.unref();
    }
  };
  try {
    context.allocContext3(encoder);
    packet.alloc();
    context.width = SIZE.width;
    context.height = SIZE.height;
    context.pixelFormat = AV_PIX_FMT_YUV420P;
    context.timeBase = new Rational(1, FRAME_RATE);
    context.framerate = new Rational(FRAME_RATE, 1);
    context.gopSize = 1000;
    context.maxBFrames = 0;
    context.threadCount = 1;
    context.bitRate = BigInt(BITRATE_BPS);
    expectSuccess(await context.open2(encoder, dictionary), `Opening ${name}`);
    for (let index = 0; index < count; index++) {
      drawNoise(i420, index);
      expectSuccess(input.makeWritable(), 'Reusing a frame');
      expectSuccess(input.fromBuffer(i420), 'Reading a picture');
      input.pts = BigInt(index);
      input.pictType = index % 3 === 0 ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
      expectSuccess(await context.sendFrame(input), 'Encoding');
      await drain();
    }
    expectSuccess(await context.sendFrame(null), 'Finishing to encode');
    await drain();
  } finally {
    dictionary.free();
    context.freeContext();
    packet.free();
    input.free();
  }
  return frames;
}

async function countDecoded(decoderId: AVCodecID, frames: readonly Buffer[]): Promise<number> {
  const decoder = Codec.findDecoder(decoderId);
  if (!decoder) throw new Error('no decoder');
  const context = new CodecContext();
  const packet = new Packet();
  const picture = new Frame();
  let decoded = 0;
  const drain = async (): Promise<void> => {
    while ((await context.receiveFrame(picture)) >= 0) {
      decoded++;
      picture.unref();
    }
  };
  try {
    context.allocContext3(decoder);
    context.threadCount = 1;
    context.setFlags(AV_CODEC_FLAG_LOW_DELAY);
    packet.alloc();
    picture.alloc();
    expectSuccess(await context.open2(decoder), 'Opening the decoder');
    for (const data of frames) {
      packet.data = data;
      expectSuccess(await context.sendPacket(packet), 'Decoding');
      packet.unref();
      await drain();
    }
    expectSuccess(await context.sendPacket(null), 'Finishing to decode');
    await drain();
  } finally {
    context.freeContext();
    packet.free();
    picture.free();
  }
  return decoded;
}

/** Encodes a few frames with an encoder of this machine's libav. */
export async function encodeStream(
  codec: keyof typeof ENCODERS,
  count: number,
): Promise<RealStream> {
  silenceLibav();
  const frames = await encodeFrames(codec, count);
  return { frames, countDecoded: (units) => countDecoded(ENCODERS[codec].decoderId, units) };
}
