import { DEFAULT_BITRATE_BPS } from '../../protocol/stream-settings.ts';

/** What the product's own sender may use, in kbit/s. */
const CEILING_KBPS = DEFAULT_BITRATE_BPS / 1000;
/** Enough for the scene from the first frame on; libwebrtc starts at 300 kbit/s left alone. */
const START_KBPS = CEILING_KBPS / 2;

/**
 * Lets a libwebrtc sender use the bitrate ours may: libwebrtc reads these parameters from the
 * answer, and they are the only way to raise its start and its ceiling from outside.
 */
export function withBitrates(answerSdp: string): string {
  const video = /^m=video \S+ \S+ (\d+)/m.exec(answerSdp)?.[1];
  if (video === undefined) return answerSdp;
  const bitrates = `x-google-start-bitrate=${START_KBPS};x-google-max-bitrate=${CEILING_KBPS}`;
  const fmtp = new RegExp(`^(a=fmtp:${video} [^\\r\\n]*)`, 'm');
  if (fmtp.test(answerSdp)) return answerSdp.replace(fmtp, `$1;${bitrates}`);
  const rtpmap = new RegExp(`^(a=rtpmap:${video} [^\\r\\n]*)(\\r?\\n)`, 'm');
  return answerSdp.replace(rtpmap, `$1$2a=fmtp:${video} ${bitrates}$2`);
}
