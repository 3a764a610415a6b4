import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { CalibrationMark } from '../../protocol/calibration-picture.ts';
import type { VideoCodec } from '../../protocol/stream-settings.ts';

const PRESSES = 60;
const PRESS_INTERVAL_MS = 500;

/** From a press to the picture that shows it: about function, not speed, on a machine that may be busy. */
export const ECHO_LIMIT_MS = 30_000;

/** Ticks that may pass unseen in a row: two seconds at the 30 frames a second that are played. */
const LONGEST_GAP_FRAMES = 60;
/** A third of what is sent: a small machine may have no time for more. */
const LEAST_FRAMES = (10 * PRESSES * PRESS_INTERVAL_MS) / 1000;

/** Someone who plays the calibration scene, whatever receives its picture. */
export interface InteropPlayer {
  /** What is being sent. */
  codec(): Promise<VideoCodec | undefined>;
  /** What each received picture says, oldest first; undefined where it could not be read. */
  marks(): Promise<readonly (CalibrationMark | undefined)[]>;
  /** Presses a key; resolves when a picture names that input and shows the patch flipped. */
  press(): Promise<void>;
  /** Leaves for good, and sees that everything ends as it should. */
  leave(): Promise<void>;
  /** Whatever state it is in: no process is left, and no session waits for its player. */
  close(): Promise<void>;
}

/** Presses a key every half second for half a minute and expects a whole game on the screen. */
export async function playHalfMinute(player: InteropPlayer): Promise<void> {
  for (let i = 0; i < PRESSES; i++) {
    await Promise.all([player.press(), sleep(PRESS_INTERVAL_MS)]);
  }
  const seen = await player.marks();
  const marks = seen.flatMap((mark) => mark ?? []);
  expect(marks).toHaveLength(seen.length);
  expect(new Set(marks.map((mark) => mark.nonce)).size).toBe(1);
  const numbers = marks.map((mark) => mark.frameNumber);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  const gaps = numbers.slice(1).map((number, i) => number - (numbers[i] ?? 0));
  expect(Math.max(...gaps)).toBeLessThan(LONGEST_GAP_FRAMES);
  expect(new Set(numbers).size).toBeGreaterThan(LEAST_FRAMES);
}
