import type { EncoderProfile } from './encoder-profile.ts';
import {
  AV1_NVENC,
  AV1_QSV,
  HEVC_NVENC,
  HEVC_QSV,
  HEVC_VAAPI,
  NVENC,
  QSV,
  VAAPI,
  VULKAN,
} from './hardware-profiles.ts';
import { SVT_AV1, VP8, X264 } from './software-profiles.ts';

/**
 * Every encoder Rockpool knows how to ask for: by codec, and of each codec the best first. Which
 * codec a session uses is decided from what was measured.
 */
export const ENCODER_PROFILES: readonly EncoderProfile[] = [
  ...[AV1_NVENC, AV1_QSV, SVT_AV1],
  ...[HEVC_NVENC, HEVC_QSV, HEVC_VAAPI],
  ...[NVENC, QSV, VAAPI, VULKAN, X264],
  VP8,
];
