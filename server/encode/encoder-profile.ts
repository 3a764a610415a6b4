import { availableParallelism } from 'node:os';
import {
  AV_HWDEVICE_TYPE_VAAPI,
  AV_HWDEVICE_TYPE_VULKAN,
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_VAAPI,
  AV_PIX_FMT_VULKAN,
  AV_PIX_FMT_YUV420P,
  type AVHWDeviceType,
  type AVPixelFormat,
  FF_ENCODER_H264_NVENC,
  FF_ENCODER_H264_QSV,
  FF_ENCODER_H264_VAAPI,
  FF_ENCODER_H264_VULKAN,
  FF_ENCODER_LIBVPX_VP8,
  FF_ENCODER_LIBX264,
  type FFVideoEncoder,
} from 'node-av/constants';
import type { VideoCodec } from '../../protocol/stream-settings.ts';
import type { EncoderSettings } from './encoder.ts';

/**
 * What a new bitrate costs: `live` changes take effect at the next frame, `keyframe` changes too but
 * are answered with an IDR, `reopen` needs a new encoder (and so a keyframe).
 */
export type BitrateChange = 'live' | 'keyframe' | 'reopen';

/** How FFmpeg is to be asked for one of its encoders. */
export interface EncoderProfile {
  readonly name: FFVideoEncoder;
  readonly codec: VideoCodec;
  readonly hardware: boolean;
  /** What the encoder reads in system memory; what reaches us is always I420. */
  readonly inputFormat: AVPixelFormat;
  /** Where the encoder reads only frames in its device's memory. */
  readonly upload?: { readonly device: AVHWDeviceType; readonly format: AVPixelFormat };
  readonly bitrateChange: BitrateChange;
  /** Size of the rate control's buffer, in frames at the target bitrate. */
  readonly bufferFrames: number;
  threads(settings: EncoderSettings): number;
  options(settings: EncoderSettings): Record<string, string>;
}

/**
 * VBV of one and a half frames: a frame may spend at most that much more than its share, so no
 * single frame holds the link for longer than that (DESIGN §6).
 */
const VBV_FRAMES = 1.5;

const oneThread = (): number => 1;

/** Slices run in step, so more than four only add overhead at the sizes on offer. */
function sliceThreads({ threads }: EncoderSettings): number {
  return threads > 0 ? threads : Math.min(4, availableParallelism());
}

/**
 * libvpx's row threads spin while they wait. Measured at 720p on two busy cores, two threads against
 * one: median 3.1 against 3.8 ms, but p95 13 against 7.5 ms and a third more CPU.
 */
function rowThreads({ threads }: EncoderSettings): number {
  return threads > 0 ? threads : Math.max(1, Math.min(4, availableParallelism() >> 1));
}

export const X264: EncoderProfile = {
  name: FF_ENCODER_LIBX264,
  codec: 'h264',
  hardware: false,
  inputFormat: AV_PIX_FMT_YUV420P,
  bitrateChange: 'live',
  bufferFrames: VBV_FRAMES,
  threads: sliceThreads,
  options: () => ({
    preset: 'ultrafast',
    tune: 'zerolatency',
    profile: 'baseline',
    'forced-idr': '1',
    'x264-params': 'sliced-threads=1:repeat-headers=1:scenecut=0:keyint=infinite',
  }),
};

export const VP8: EncoderProfile = {
  name: FF_ENCODER_LIBVPX_VP8,
  codec: 'vp8',
  hardware: false,
  inputFormat: AV_PIX_FMT_YUV420P,
  // FFmpeg hands libvpx its rate at opening only: measured, a later change leaves the size as it is.
  bitrateChange: 'reopen',
  // Three frames: with less libvpx overshoots after every keyframe, which it cannot make smaller.
  bufferFrames: 3,
  threads: rowThreads,
  options: () => ({
    deadline: 'realtime',
    // The fastest there is: 3.8 ms a 720p frame against 7.3 ms at 8, at the same rate.
    'cpu-used': '16',
    'lag-in-frames': '0',
    'auto-alt-ref': '0',
    'max-intra-rate': '300',
  }),
};

export const NVENC: EncoderProfile = {
  name: FF_ENCODER_H264_NVENC,
  codec: 'h264',
  hardware: true,
  inputFormat: AV_PIX_FMT_YUV420P,
  bitrateChange: 'keyframe',
  bufferFrames: VBV_FRAMES,
  threads: oneThread,
  options: () => ({
    preset: 'p1',
    tune: 'ull',
    profile: 'baseline',
    rc: 'cbr',
    multipass: 'qres',
    zerolatency: '1',
    delay: '0',
    'forced-idr': '1',
    'no-scenecut': '1',
  }),
};

export const QSV: EncoderProfile = {
  name: FF_ENCODER_H264_QSV,
  codec: 'h264',
  hardware: true,
  inputFormat: AV_PIX_FMT_NV12,
  bitrateChange: 'keyframe',
  bufferFrames: VBV_FRAMES,
  threads: oneThread,
  options: () => ({
    preset: 'veryfast',
    profile: 'baseline',
    async_depth: '1',
    forced_idr: '1',
    scenario: 'remotegaming',
  }),
};

export const VAAPI: EncoderProfile = {
  name: FF_ENCODER_H264_VAAPI,
  codec: 'h264',
  hardware: true,
  inputFormat: AV_PIX_FMT_NV12,
  upload: { device: AV_HWDEVICE_TYPE_VAAPI, format: AV_PIX_FMT_VAAPI },
  bitrateChange: 'reopen',
  bufferFrames: VBV_FRAMES,
  threads: oneThread,
  options: () => ({ profile: 'constrained_baseline', rc_mode: 'CBR', async_depth: '1' }),
};

export const VULKAN: EncoderProfile = {
  name: FF_ENCODER_H264_VULKAN,
  codec: 'h264',
  hardware: true,
  inputFormat: AV_PIX_FMT_NV12,
  upload: { device: AV_HWDEVICE_TYPE_VULKAN, format: AV_PIX_FMT_VULKAN },
  bitrateChange: 'reopen',
  bufferFrames: VBV_FRAMES,
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

/** Every encoder Rockpool knows how to ask for, best first. */
export const ENCODER_PROFILES: readonly EncoderProfile[] = [NVENC, QSV, VAAPI, VULKAN, X264, VP8];
