import {
  AV_HWDEVICE_TYPE_VAAPI,
  AV_HWDEVICE_TYPE_VULKAN,
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_VAAPI,
  AV_PIX_FMT_VULKAN,
  AV_PIX_FMT_YUV420P,
  FF_ENCODER_AV1_NVENC,
  FF_ENCODER_AV1_QSV,
  FF_ENCODER_H264_NVENC,
  FF_ENCODER_H264_QSV,
  FF_ENCODER_H264_VAAPI,
  FF_ENCODER_H264_VULKAN,
  FF_ENCODER_HEVC_NVENC,
  FF_ENCODER_HEVC_QSV,
  FF_ENCODER_HEVC_VAAPI,
} from 'node-av/constants';
import { type EncoderProfile, qpFraction, VBV_FRAMES } from './encoder-profile.ts';

/** AV1's quantizer index, 0 to 255 (AV1 specification §5.9.12). */
const av1IndexFraction = (quantizer: number): number => quantizer / 255;

const oneThread = (): number => 1;

const NVENC_OPTIONS = {
  preset: 'p1',
  tune: 'ull',
  rc: 'cbr',
  multipass: 'qres',
  zerolatency: '1',
  delay: '0',
  'forced-idr': '1',
  'no-scenecut': '1',
};

export const NVENC: EncoderProfile = {
  name: FF_ENCODER_H264_NVENC,
  codec: 'h264',
  hardware: true,
  inputFormat: AV_PIX_FMT_YUV420P,
  bitrateChange: 'keyframe',
  bufferFrames: VBV_FRAMES,
  quantizerFraction: qpFraction,
  threads: oneThread,
  options: () => ({ ...NVENC_OPTIONS, profile: 'baseline' }),
};

export const HEVC_NVENC: EncoderProfile = {
  ...NVENC,
  name: FF_ENCODER_HEVC_NVENC,
  codec: 'h265',
  options: () => ({ ...NVENC_OPTIONS, profile: 'main' }),
};

export const AV1_NVENC: EncoderProfile = {
  ...NVENC,
  name: FF_ENCODER_AV1_NVENC,
  codec: 'av1',
  quantizerFraction: av1IndexFraction,
  options: () => NVENC_OPTIONS,
};

const QSV_OPTIONS = { preset: 'veryfast', async_depth: '1', forced_idr: '1' };

export const QSV: EncoderProfile = {
  name: FF_ENCODER_H264_QSV,
  codec: 'h264',
  hardware: true,
  inputFormat: AV_PIX_FMT_NV12,
  bitrateChange: 'keyframe',
  bufferFrames: VBV_FRAMES,
  quantizerFraction: qpFraction,
  threads: oneThread,
  options: () => ({ ...QSV_OPTIONS, profile: 'baseline', scenario: 'remotegaming' }),
};

export const HEVC_QSV: EncoderProfile = {
  ...QSV,
  name: FF_ENCODER_HEVC_QSV,
  codec: 'h265',
  options: () => ({ ...QSV_OPTIONS, profile: 'main', scenario: 'remotegaming' }),
};

export const AV1_QSV: EncoderProfile = {
  ...QSV,
  name: FF_ENCODER_AV1_QSV,
  codec: 'av1',
  quantizerFraction: av1IndexFraction,
  options: () => ({ ...QSV_OPTIONS, profile: 'main' }),
};

export const VAAPI: EncoderProfile = {
  name: FF_ENCODER_H264_VAAPI,
  codec: 'h264',
  hardware: true,
  inputFormat: AV_PIX_FMT_NV12,
  upload: { device: AV_HWDEVICE_TYPE_VAAPI, format: AV_PIX_FMT_VAAPI },
  bitrateChange: 'reopen',
  bufferFrames: VBV_FRAMES,
  quantizerFraction: qpFraction,
  threads: oneThread,
  options: () => ({ profile: 'constrained_baseline', rc_mode: 'CBR', async_depth: '1' }),
};

export const HEVC_VAAPI: EncoderProfile = {
  ...VAAPI,
  name: FF_ENCODER_HEVC_VAAPI,
  codec: 'h265',
  options: () => ({ profile: 'main', rc_mode: 'CBR', async_depth: '1' }),
};

export const VULKAN: EncoderProfile = {
  name: FF_ENCODER_H264_VULKAN,
  codec: 'h264',
  hardware: true,
  inputFormat: AV_PIX_FMT_NV12,
  upload: { device: AV_HWDEVICE_TYPE_VULKAN, format: AV_PIX_FMT_VULKAN },
  bitrateChange: 'reopen',
  bufferFrames: VBV_FRAMES,
  quantizerFraction: qpFraction,
  threads: oneThread,
  options: () => ({
    profile: 'constrained_baseline',
    rc_mode: 'cbr',
    async_depth: '1',
    tune: 'ull',
    usage: 'stream',
    content: 'rendered',
  }),
};
