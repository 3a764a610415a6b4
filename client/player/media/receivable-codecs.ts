import type { VideoCodec } from '../../../protocol/stream-settings.ts';

type Capability = Pick<RTCRtpCodec, 'mimeType' | 'sdpFmtpLine'>;

/**
 * Constrained Baseline or above in packetization mode 1 (RFC 6184 §8.1): fragments larger frames need.
 * Every browser that decodes H.264 decodes Constrained Baseline, which is what the sender makes.
 */
function isStreamableH264({ mimeType, sdpFmtpLine = '' }: Capability): boolean {
  return (
    mimeType.toLowerCase() === 'video/h264' &&
    /(?:^|;)\s*packetization-mode=1(?:;|$)/.test(sdpFmtpLine) &&
    /(?:^|;)\s*profile-level-id=42/i.test(sdpFmtpLine)
  );
}

/** What of the sender's codecs this browser receives, best first. */
export function receivableCodecs(capabilities: readonly Capability[]): VideoCodec[] {
  const codecs: VideoCodec[] = [];
  if (capabilities.some(isStreamableH264)) codecs.push('h264');
  if (capabilities.some(({ mimeType }) => mimeType.toLowerCase() === 'video/vp8')) {
    codecs.push('vp8');
  }
  return codecs;
}
