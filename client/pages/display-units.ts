import type { VideoCodec } from '../../protocol/stream-settings.ts';

/** "3.4" below ten milliseconds, "34" from there. */
export function formatMs(ms: number): string {
  return ms < 9.95 ? ms.toFixed(1) : ms.toFixed(0);
}

/** "0.3 Mbit/s", "12 Mbit/s". */
export function formatBitrate(bitrateBps: number): string {
  const mbps = bitrateBps / 1e6;
  return `${mbps < 9.95 ? mbps.toFixed(1) : mbps.toFixed(0)} Mbit/s`;
}

const CODEC_NAMES: Readonly<Record<VideoCodec, string>> = {
  av1: 'AV1',
  h265: 'H.265',
  h264: 'H.264',
  vp8: 'VP8',
};

export function codecName(codec: VideoCodec): string {
  return CODEC_NAMES[codec];
}
