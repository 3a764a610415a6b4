import { describe, expect, it } from 'vitest';
import {
  formatAgo,
  formatDay,
  formatDuration,
  formatTime,
} from '../../../client/pages/time-words.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Where the test runs: November 2026. */
function at(day: number, hour: number, minute = 0): number {
  return new Date(2026, 10, day, hour, minute).getTime();
}

describe('formatDuration', () => {
  it.each([
    [0, '0 s'],
    [59_999, '59 s'],
    [MINUTE_MS, '1 min'],
    [59 * MINUTE_MS, '59 min'],
    [HOUR_MS, '1 h'],
    [HOUR_MS + 5 * MINUTE_MS, '1 h 5 min'],
    [47 * HOUR_MS + 59 * MINUTE_MS, '47 h 59 min'],
    [50 * HOUR_MS, '2 days'],
  ])('puts %d ms as "%s"', (ms, words) => {
    expect(formatDuration(ms)).toBe(words);
  });
});

describe('formatAgo', () => {
  it.each([
    [59_999, 'just now'],
    [MINUTE_MS, '1 minute ago'],
    [12 * MINUTE_MS, '12 minutes ago'],
    [HOUR_MS, '1 hour ago'],
    [5.9 * HOUR_MS, '5 hours ago'],
  ])('puts %d ms as "%s"', (ms, words) => {
    expect(formatAgo(ms)).toBe(words);
  });
});

describe('formatDay and formatTime', () => {
  it('count days by midnight, not by hours', () => {
    expect(formatDay(at(15, 0, 1), at(15, 23))).toBe('Today');
    expect(formatDay(at(14, 23, 59), at(15, 0, 1))).toBe('Yesterday');
    expect(formatDay(at(13, 23, 59), at(15, 0, 1))).toMatch(/^Friday,? 13 November$/);
  });

  it('name the year where it is another', () => {
    expect(formatDay(new Date(2025, 11, 31).getTime(), at(15, 12))).toContain('31 December 2025');
  });

  it('tell the time by a clock of 24 hours', () => {
    expect(formatTime(at(15, 9, 5))).toBe('09:05');
    expect(formatTime(at(15, 21, 14))).toBe('21:14');
  });
});
