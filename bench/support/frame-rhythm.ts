import { freezeLimitMs } from '../../gate/freezes.ts';
import type { ShownFrame } from '../page/session-probe.ts';

/** Displayed frames in each whole second from the first frame on. */
export function framesPerSecond(frames: readonly Pick<ShownFrame, 'shownMs'>[]): number[] {
  const from = frames[0]?.shownMs ?? 0;
  const to = frames.at(-1)?.shownMs ?? 0;
  const counts = new Array<number>(Math.floor((to - from) / 1000)).fill(0);
  for (const { shownMs } of frames) {
    const second = Math.floor((shownMs - from) / 1000);
    if (second < counts.length) counts[second] = (counts[second] ?? 0) + 1;
  }
  return counts;
}

/** Milliseconds without a new frame, one for each freeze. */
export function freezesOf(
  frames: readonly Pick<ShownFrame, 'shownMs'>[],
  frameRate: number,
): number[] {
  const limitMs = freezeLimitMs(frameRate);
  const gaps = frames.map(({ shownMs }, i) => shownMs - (frames[i - 1]?.shownMs ?? shownMs));
  return gaps.filter((gapMs) => gapMs > limitMs);
}

export interface SizeSpan {
  readonly size: string;
  /** Since the first frame. */
  readonly fromS: number;
}

/** Which picture size was on screen from when on. */
export function sizesOf(frames: readonly ShownFrame[]): SizeSpan[] {
  const spans: SizeSpan[] = [];
  const from = frames[0]?.shownMs ?? 0;
  for (const { width, height, shownMs } of frames) {
    const size = `${width}x${height}`;
    if (spans.at(-1)?.size !== size) spans.push({ size, fromS: (shownMs - from) / 1000 });
  }
  return spans;
}
