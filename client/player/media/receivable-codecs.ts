import { VIDEO_CODECS, type VideoCodec } from '../../../protocol/stream-settings.ts';

type Capability = Pick<RTCRtpCodec, 'mimeType' | 'sdpFmtpLine'>;

/** The value of a format parameter, or what its absence means. */
function parameter(formatLine: string, name: string, absent: string): string {
  const match = new RegExp(`(?:^|;)\\s*${name}=([^;\\s]*)`, 'i').exec(formatLine);
  return match?.[1] ?? absent;
}

/** Whether a format of each codec is one that the sender makes. */
const STREAMABLE: Readonly<Record<VideoCodec, (formatLine: string) => boolean>> = {
  /** Profile 0, 4:2:0 in 8 bits (AV1 RTP payload format §7.2.1). */
  av1: (line) => parameter(line, 'profile', '0') === '0',
  /** Main profile in a single stream (RFC 7798 §7.1). */
  h265: (line) =>
    parameter(line, 'profile-id', '1') === '1' && parameter(line, 'tx-mode', 'SRST') === 'SRST',
  /**
   * Constrained Baseline or above in packetization mode 1 (RFC 6184 §8.1): fragments larger frames
   * need. Every browser that decodes H.264 decodes Constrained Baseline, which is what is sent.
   */
  h264: (line) =>
    parameter(line, 'packetization-mode', '0') === '1' &&
    parameter(line, 'profile-level-id', '').startsWith('42'),
  vp8: () => true,
};

/** What of the sender's codecs this browser receives, those that need fewer bits first. */
export function receivableCodecs(capabilities: readonly Capability[]): VideoCodec[] {
  return VIDEO_CODECS.filter((codec) =>
    capabilities.some(
      ({ mimeType, sdpFmtpLine = '' }) =>
        mimeType.toLowerCase() === `video/${codec}` && STREAMABLE[codec](sdpFmtpLine),
    ),
  );
}
