import { availableParallelism } from 'node:os';
import {
  AV_PIX_FMT_YUV420P,
  FF_ENCODER_LIBSVTAV1,
  FF_ENCODER_LIBVPX_VP8,
  FF_ENCODER_LIBX264,
} from 'node-av/constants';
import type { EncoderSettings } from './encoder.ts';
import { type EncoderProfile, qpFraction, VBV_FRAMES } from './encoder-profile.ts';
import { vp8IndexFraction } from './quantizer-control.ts';

/*
 * 720p60 of a game in fast motion on two cores, 6 Mbit/s, milliseconds a frame (median, 95 %) and
 * luma PSNR at the rate that was really spent:
 *
 *   libx264 ultrafast          2.7   5    32.2 dB  6.0 Mbit/s
 *   libvpx cpu-used 16         3.9   5.9  33.7 dB  6.0 Mbit/s
 *   libsvtav1 preset 12        9.6  13    34.8 dB  7.4 Mbit/s
 *   libx265 ultrafast         17.7 of processor time: H.265 is left to hardware
 */

/** Slices run in step, so more than four only add overhead at the sizes on offer. */
function sliceThreads({ threads }: EncoderSettings): number {
  return threads > 0 ? threads : Math.min(4, availableParallelism());
}

/**
 * libvpx's row threads spin while they wait, so half the cores are left alone whatever was asked
 * for. Measured at 720p on two busy cores, two threads against one: median 3.1 against 3.8 ms, but
 * p95 13 against 7.5 ms and a third more CPU; on two cores overloaded three times, a median of 110 ms.
 */
function rowThreads(settings: EncoderSettings): number {
  return Math.max(1, Math.min(sliceThreads(settings), availableParallelism() >> 1));
}

/**
 * As good as can be seen, within the VBV, which then is the rate control. Averaging towards a bitrate
 * with a VBV this small spends only 75 % of it; this way all of it is spent (1.3 to 2.3 dB more at 2
 * to 20 Mbit/s), and still no frame, IDR included, took more than 1.3 shares.
 */
const RATE_FACTOR = 12;

export const X264: EncoderProfile = {
  name: FF_ENCODER_LIBX264,
  codec: 'h264',
  hardware: false,
  inputFormat: AV_PIX_FMT_YUV420P,
  bitrateChange: 'live',
  rateFactor: RATE_FACTOR,
  bufferFrames: VBV_FRAMES,
  quantizerFraction: qpFraction,
  threads: sliceThreads,
  options: () => ({
    preset: 'ultrafast',
    tune: 'zerolatency',
    profile: 'baseline',
    'forced-idr': '1',
    crf: String(RATE_FACTOR),
    // Left to itself x264 goes beyond the coarsest quantizer there is (51), up to 69, by leaving out
    // coefficients until a slice is one flat grey: no picture at all. A frame that is too large
    // instead makes others be skipped, and the picture smaller, and all that is sent can be seen.
    'x264-params': 'sliced-threads=1:repeat-headers=1:scenecut=0:keyint=infinite:qpmax=51',
  }),
};

export const VP8: EncoderProfile = {
  name: FF_ENCODER_LIBVPX_VP8,
  codec: 'vp8',
  hardware: false,
  inputFormat: AV_PIX_FMT_YUV420P,
  // FFmpeg hands libvpx its rate at opening only, but its coarsest quantizer before every frame.
  bitrateChange: 'quantizer',
  bufferFrames: VBV_FRAMES,
  quantizerFraction: vp8IndexFraction,
  threads: rowThreads,
  options: () => ({
    deadline: 'realtime',
    // The fastest there is: 3.8 ms a 720p frame against 7.3 ms at 8, at the same rate.
    'cpu-used': '16',
    'lag-in-frames': '0',
    'auto-alt-ref': '0',
  }),
};

export const SVT_AV1: EncoderProfile = {
  name: FF_ENCODER_LIBSVTAV1,
  codec: 'av1',
  hardware: false,
  inputFormat: AV_PIX_FMT_YUV420P,
  // FFmpeg hands SVT-AV1 its rate at opening only: measured, a later change leaves it as it is.
  bitrateChange: 'reopen',
  // Constant bitrate comes out 9 to 23 % too high in motion, whatever the size of the buffer.
  bitrateShare: 0.85,
  // What bounds the keyframe after an opening: 2.2 shares with this buffer, 5.6 with a larger one.
  bufferFrames: VBV_FRAMES,
  quantizerFraction: (quantizer) => quantizer / 63,
  threads: sliceThreads,
  options: (settings) => ({
    // The fastest there is (13 is mapped to it); 11 needs a third more time for 0.9 dB.
    preset: '12',
    // P-frames only, each referring to the one before: layers would make every fourth frame three
    // times as large. Looking for screen content costs 40 ms a keyframe.
    'svtav1-params': `pred-struct=1:rtc=1:hierarchical-levels=0:scm=0:lp=${sliceThreads(settings)}`,
  }),
};
