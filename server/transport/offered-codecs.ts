import { RTCRtpCodecParameters } from 'werift';
import type { VideoCodec } from '../../protocol/stream-settings.ts';
import type { NegotiatedCodec } from './peer.ts';

/** First payload type for video; a codec and its retransmissions take two (RFC 3551 §6: 96 to 127). */
const FIRST_VIDEO_PAYLOAD_TYPE = 96;
const OPUS_PAYLOAD_TYPE = 111;
const RED_PAYLOAD_TYPE = 112;
const FLEXFEC_PAYLOAD_TYPE = 118;

const VIDEO_CLOCK_RATE = 90_000;
const AUDIO_CLOCK_RATE = 48_000;

/** Transport-wide feedback where the receiver has it, its own estimate (REMB) where it has not. */
const VIDEO_FEEDBACK = [
  { type: 'nack' },
  { type: 'nack', parameter: 'pli' },
  { type: 'ccm', parameter: 'fir' },
  { type: 'transport-cc' },
  { type: 'goog-remb' },
];

/** The levels admit the largest picture on offer at the highest frame rate: 1080p120. */
const VIDEO_FORMATS: Record<VideoCodec, { readonly name: string; readonly parameters?: string }> = {
  // Main profile, level 5.1 (AV1 RTP payload format §7.2.1).
  av1: { name: 'AV1', parameters: 'profile=0;level-idx=13;tier=0' },
  // Main profile and tier, level 5.1 is 153 (RFC 7798 §7.1).
  h265: { name: 'H265', parameters: 'level-id=153;profile-id=1;tier-flag=0;tx-mode=SRST' },
  // Constrained baseline, level 5.1 (RFC 6184 §8.1).
  h264: {
    name: 'H264',
    parameters: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e033',
  },
  vp8: { name: 'VP8' },
};

interface OfferedCodec extends NegotiatedCodec {
  readonly rtxPayloadType: number;
}

function offeredCodecs(codecs: readonly VideoCodec[]): OfferedCodec[] {
  return codecs.map((codec, i) => ({
    codec,
    payloadType: FIRST_VIDEO_PAYLOAD_TYPE + 2 * i,
    rtxPayloadType: FIRST_VIDEO_PAYLOAD_TYPE + 2 * i + 1,
  }));
}

/** @param codecs in order of preference. */
export function videoCodecs(codecs: readonly VideoCodec[]): RTCRtpCodecParameters[] {
  const pairs = offeredCodecs(codecs).flatMap(({ codec, payloadType, rtxPayloadType }) => {
    const { name, parameters } = VIDEO_FORMATS[codec];
    return [
      new RTCRtpCodecParameters({
        mimeType: `video/${name}`,
        clockRate: VIDEO_CLOCK_RATE,
        payloadType,
        rtcpFeedback: VIDEO_FEEDBACK,
        ...(parameters !== undefined && { parameters }),
      }),
      new RTCRtpCodecParameters({
        mimeType: 'video/rtx',
        clockRate: VIDEO_CLOCK_RATE,
        payloadType: rtxPayloadType,
        parameters: `apt=${payloadType}`,
      }),
    ];
  });
  const fec = new RTCRtpCodecParameters({
    mimeType: 'video/flexfec-03',
    clockRate: VIDEO_CLOCK_RATE,
    payloadType: FLEXFEC_PAYLOAD_TYPE,
    rtcpFeedback: [{ type: 'transport-cc' }, { type: 'goog-remb' }],
    // Microseconds that repair packets reach back; browsers know this value alone.
    parameters: 'repair-window=10000000',
  });
  return [...pairs, fec];
}

/** Opus first: what a receiver takes for granted, RED beside it (RFC 2198). */
export function audioCodecs(): RTCRtpCodecParameters[] {
  return [
    new RTCRtpCodecParameters({
      mimeType: 'audio/opus',
      clockRate: AUDIO_CLOCK_RATE,
      channels: 2,
      payloadType: OPUS_PAYLOAD_TYPE,
      rtcpFeedback: [{ type: 'transport-cc' }],
      parameters: 'minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1',
    }),
    new RTCRtpCodecParameters({
      mimeType: 'audio/red',
      clockRate: AUDIO_CLOCK_RATE,
      channels: 2,
      payloadType: RED_PAYLOAD_TYPE,
      parameters: `${OPUS_PAYLOAD_TYPE}/${OPUS_PAYLOAD_TYPE}`,
    }),
  ];
}

/** One that the answer gives another name counts as declined. */
function isAnswered(
  answer: readonly RTCRtpCodecParameters[],
  payloadType: number,
  name: string,
): boolean {
  return answer.some(
    (codec) => codec.payloadType === payloadType && codec.name.toLowerCase() === name.toLowerCase(),
  );
}

/** Whether the payload type is retransmissions of another; further parameters may follow (RFC 4588 §8.6). */
function isRtxFor(answer: readonly RTCRtpCodecParameters[], rtx: number, media: number): boolean {
  const apt = new RegExp(`(^|;) *apt=${media} *(;|$)`);
  return (
    isAnswered(answer, rtx, 'rtx') &&
    answer.some((codec) => codec.payloadType === rtx && apt.test(codec.parameters ?? ''))
  );
}

/**
 * @param offered as given to {@link videoCodecs}.
 * @param answer codecs of the far side's answer, in any order; what was not offered is ignored.
 * @returns what both have, in the order of the offer.
 */
export function acceptedVideo(
  offered: readonly VideoCodec[],
  answer: readonly RTCRtpCodecParameters[],
): { readonly codecs: readonly NegotiatedCodec[]; readonly fecPayloadType: number | undefined } {
  const codecs: NegotiatedCodec[] = [];
  for (const { codec, payloadType, rtxPayloadType } of offeredCodecs(offered)) {
    if (!isAnswered(answer, payloadType, VIDEO_FORMATS[codec].name)) continue;
    const hasRtx = isRtxFor(answer, rtxPayloadType, payloadType);
    codecs.push({ codec, payloadType, rtxPayloadType: hasRtx ? rtxPayloadType : undefined });
  }
  const hasFec = isAnswered(answer, FLEXFEC_PAYLOAD_TYPE, 'flexfec-03');
  return { codecs, fecPayloadType: hasFec ? FLEXFEC_PAYLOAD_TYPE : undefined };
}

/** @returns undefined where the answer has no Opus. */
export function acceptedAudio(
  answer: readonly RTCRtpCodecParameters[],
): { readonly payloadType: number; readonly redPayloadType: number | undefined } | undefined {
  if (!isAnswered(answer, OPUS_PAYLOAD_TYPE, 'opus')) return undefined;
  const hasRed = isAnswered(answer, RED_PAYLOAD_TYPE, 'red');
  return { payloadType: OPUS_PAYLOAD_TYPE, redPayloadType: hasRed ? RED_PAYLOAD_TYPE : undefined };
}
