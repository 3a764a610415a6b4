import { PLAYOUT_DELAY_URI } from '../../protocol/channels.ts';
import type { VideoCodec } from '../../protocol/stream-settings.ts';
import { Av1Packetizer } from './av1-packetizer.ts';
import { FlexfecEncoder } from './flexfec-encoder.ts';
import { H264Packetizer } from './h264-packetizer.ts';
import { H265Packetizer } from './h265-packetizer.ts';
import { OpusPacketizer } from './opus-packetizer.ts';
import type { Packetizer } from './payload-sink.ts';
import type { NegotiatedAudio, NegotiatedVideo } from './peer.ts';
import { RedPacketizer } from './red-packetizer.ts';
import { payloadTypeOf } from './rtp-packet.ts';
import { type PayloadFormat, RtpStream, RtxStream } from './rtp-stream.ts';
import { Vp8Packetizer } from './vp8-packetizer.ts';

const VIDEO_CLOCK_RATE = 90_000;
const AUDIO_CLOCK_RATE = 48_000;

/** The playout delay travels in units of 10 ms, 12 bits each. */
const PLAYOUT_UNIT_MS = 10;
const MAX_PLAYOUT_UNITS = 0xfff;

export interface VideoStreamOptions {
  /** 0 to 1, for the first sequence numbers. */
  readonly random: () => number;
  /** Least and most that a receiver may hold a picture back. */
  readonly playoutDelayMs: readonly [number, number];
}

/** The picture: its stream in every negotiated codec, its retransmissions and error correction. */
export class VideoStream {
  readonly rtp: RtpStream;
  /** Undefined where it was not negotiated. */
  readonly fec: FlexfecEncoder | undefined;
  readonly #formats = new Map<VideoCodec, PayloadFormat>();
  readonly #rtx: RtxStream;
  /** By payload type of what they repeat. */
  readonly #rtxPayloadTypes = new Map<number, number>();

  constructor(negotiated: NegotiatedVideo, { random, playoutDelayMs }: VideoStreamOptions) {
    const random16 = (): number => Math.floor(random() * 65_536);
    const delayId = negotiated.extensions.get(PLAYOUT_DELAY_URI);
    const delay = { id: delayId ?? 0, payload: playoutDelayPayload(playoutDelayMs) };
    this.rtp = new RtpStream(negotiated, {
      clockRate: VIDEO_CLOCK_RATE,
      firstSeq: random16(),
      extensions: delayId === undefined ? [] : [delay],
    });
    for (const { codec, payloadType, rtxPayloadType } of negotiated.codecs) {
      this.#formats.set(codec, { payloadType, packetizer: createPacketizer(codec, random16) });
      if (rtxPayloadType !== undefined) this.#rtxPayloadTypes.set(payloadType, rtxPayloadType);
    }
    this.#rtx = new RtxStream(negotiated.rtxSsrc, random16());
    const { fec, mid, extensions } = negotiated;
    this.fec =
      fec &&
      new FlexfecEncoder({
        ...fec,
        protectedSsrc: negotiated.ssrc,
        mid,
        extensions,
        firstSeq: random16(),
      });
  }

  /** @returns undefined where the codec was not negotiated. */
  formatOf(codec: VideoCodec): PayloadFormat | undefined {
    return this.#formats.get(codec);
  }

  /** @returns undefined where retransmission was not negotiated for the packet's codec. */
  wrapForRetransmission(packet: Buffer): Buffer | undefined {
    const payloadType = this.#rtxPayloadTypes.get(payloadTypeOf(packet));
    if (payloadType === undefined) return undefined;
    return this.#rtx.wrap(packet, this.rtp.payloadOffset, payloadType);
  }
}

/** The sound: Opus, alone or with its last frame repeated. */
export class AudioStream {
  readonly rtp: RtpStream;
  readonly #plain: PayloadFormat;
  readonly #redundant: PayloadFormat | undefined;

  /** @param random 0 to 1, for the first sequence number. */
  constructor(negotiated: NegotiatedAudio, random: () => number) {
    const { payloadType, redPayloadType } = negotiated;
    this.rtp = new RtpStream(negotiated, {
      clockRate: AUDIO_CLOCK_RATE,
      firstSeq: Math.floor(random() * 65_536),
    });
    this.#plain = { payloadType, packetizer: new OpusPacketizer() };
    this.#redundant =
      redPayloadType === undefined
        ? undefined
        : { payloadType: redPayloadType, packetizer: new RedPacketizer(payloadType) };
  }

  /** @param redundant repeat the last frame, where that was negotiated. */
  format(redundant: boolean): PayloadFormat {
    return redundant ? (this.#redundant ?? this.#plain) : this.#plain;
  }
}

function createPacketizer(codec: VideoCodec, random16: () => number): Packetizer {
  switch (codec) {
    case 'av1':
      return new Av1Packetizer();
    case 'h265':
      return new H265Packetizer();
    case 'h264':
      return new H264Packetizer();
    case 'vp8':
      return new Vp8Packetizer(random16());
  }
}

function playoutDelayPayload([leastMs, mostMs]: readonly [number, number]): Buffer {
  const units = (ms: number): number =>
    Math.min(MAX_PLAYOUT_UNITS, Math.max(0, Math.round(ms / PLAYOUT_UNIT_MS)));
  const payload = Buffer.alloc(3);
  payload.writeUIntBE(units(leastMs) * 4096 + units(mostMs), 0, 3);
  return payload;
}
