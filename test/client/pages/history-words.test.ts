import { describe, expect, it } from 'vitest';
import {
  byDay,
  endWords,
  lengthWords,
  pictureWords,
  startedWords,
} from '../../../client/pages/history-words.ts';
import { END_MESSAGES } from '../../../client/pages/state-messages.ts';
import { playedSession, qualityReport } from '../../support/played-sessions.ts';

/** Where the test runs: 15 November 2026 at noon. */
const NOW_MS = new Date(2026, 10, 15, 12).getTime();
const HOUR_MS = 3_600_000;

describe('what the history says of a session', () => {
  it('is under the day on which it began', () => {
    const hours = [1, 11, 13, 30, 60];
    const sessions = hours.map((ago, i) =>
      playedSession(i, { startedAtMs: NOW_MS - ago * HOUR_MS }),
    );
    const days = byDay(sessions, NOW_MS);
    expect(days.map(({ title, sessions }) => [title.split(/,? /)[0], sessions.length])).toEqual([
      ['Today', 2],
      ['Yesterday', 2],
      ['Friday', 1],
    ]);
    expect(days.flatMap(({ sessions }) => sessions)).toEqual(sessions);
  });

  it('is so long ago today, and at a time of day before', () => {
    const started = (ago: number) =>
      startedWords(playedSession(1, { startedAtMs: NOW_MS - ago * HOUR_MS }), NOW_MS);
    expect(started(2)).toBe('2 hours ago');
    expect(started(13)).toBe('at 23:00');
    // A clock that is behind the server's.
    expect(started(-0.01)).toBe('just now');
  });

  it('has a length and an end once it is over', () => {
    const over = playedSession(1, { startedAtMs: 0, endedAtMs: 90_000, reason: 'player-left' });
    expect(lengthWords(over)).toBe('1 min');
    expect(endWords(over)).toBe(END_MESSAGES['player-left'].title);
    const running = playedSession(1, { endedAtMs: null, reason: null });
    expect(lengthWords(running)).toBeUndefined();
    expect(endWords(running)).toBe('Being played');
  });

  it('tells size, frames, bits and freezes of its picture', () => {
    expect(pictureWords(qualityReport())).toEqual([
      '1280×720',
      '60 frames/s',
      '8.1 Mbit/s',
      'no freeze',
    ]);
    const rough = qualityReport({ freezes: 2, frozenMs: 1_440, width: 0, height: 0 });
    expect(pictureWords(rough)).toEqual(['60 frames/s', '8.1 Mbit/s', '2 freezes, 1.4 s']);
    expect(pictureWords(qualityReport({ freezes: 1, frozenMs: 200 })).at(-1)).toBe(
      '1 freeze, 0.2 s',
    );
  });
});
