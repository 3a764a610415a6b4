import {
  DEFAULT_BITRATE_BPS,
  DEFAULT_FRAME_RATE,
  DEFAULT_RESOLUTION,
  type VideoCodec,
} from '../../../protocol/stream-settings.ts';
import type { Scheduler } from '../scheduler.ts';

/** `navigator.mediaCapabilities.decodingInfo`. */
export type DecodingInfo = (
  configuration: MediaDecodingConfiguration,
) => Promise<Pick<MediaCapabilitiesDecodingInfo, 'smooth'>>;

/**
 * Browsers answer within some milliseconds, the first time after their decoders were probed. Asked as
 * the page begins, this is over before the server has been reached; nobody waits longer for it.
 */
const PATIENCE_MS = 300;

function configuration(codec: VideoCodec): MediaDecodingConfiguration {
  return {
    type: 'webrtc',
    video: {
      contentType: `video/${codec.toUpperCase()}`,
      ...DEFAULT_RESOLUTION,
      framerate: DEFAULT_FRAME_RATE,
      bitrate: DEFAULT_BITRATE_BPS,
    },
  };
}

/**
 * Leaves out what the browser says it does not decode smoothly (Media Capabilities §2.5), unless that
 * is everything. Without an answer everything received stays.
 * @param decodingInfo undefined where the browser cannot tell.
 */
export function smoothCodecs(
  received: readonly VideoCodec[],
  decodingInfo: DecodingInfo | undefined,
  scheduler: Scheduler,
): Promise<readonly VideoCodec[]> {
  if (!decodingInfo || received.length < 2) return Promise.resolve(received);
  const isSmooth = async (codec: VideoCodec) => {
    try {
      return (await decodingInfo(configuration(codec))).smooth;
    } catch {
      // It may know the codec and not this kind of question.
      return true;
    }
  };
  return new Promise((resolve) => {
    const cancel = scheduler.after(PATIENCE_MS, () => resolve(received));
    Promise.all(received.map(isSmooth)).then((smooth) => {
      cancel();
      const kept = received.filter((_codec, i) => smooth[i]);
      resolve(kept.length > 0 ? kept : received);
    });
  });
}
