import { describe, expect, it } from 'vitest';
import {
  figureBars,
  figureFacts,
  momentsOf,
  problemOf,
} from '../../../client/pages/studio-try-out-words.ts';
import type { Screenshot } from '../../../protocol/try-out-report.ts';
import { newSha256, tryOutReport } from '../../support/game-records.ts';

const AT_60 = { frameRate: 60 };

describe('what went wrong with a build', () => {
  it('is nothing where nothing did', () => {
    expect(problemOf(tryOutReport())).toBeUndefined();
  });

  it('comes with the remedy that fits, and with what the game wrote', () => {
    const problem = 'The game has shown no window after 20 seconds.\nconnecting…';
    const told = problemOf({ problem, log: ['starting', 'connecting…'] });
    expect(told).toMatchObject({
      sentence: 'The game has shown no window after 20 seconds.',
      lines: 'starting\nconnecting…',
    });
    expect(told?.remedy).toMatch(/wait for the internet/);
  });

  it('has no other remedy where the sentence says what to do', () => {
    const problem = 'The game needs libpond.so.1, which this machine does not have: put it …';
    expect(problemOf({ problem, log: [] })).toMatchObject({ remedy: undefined, lines: '' });
  });
});

describe('the figures of a try-out', () => {
  it('part the start at the window, and each frame between game and stream', () => {
    const report = tryOutReport({
      bootMs: 800,
      firstFrameMs: 1_000,
      frameTimeP50Ms: 10,
      frameTimeP95Ms: 20,
      encodeP50Ms: 2,
      encodeP95Ms: 4,
    });
    const [start, game, stream] = figureBars(report, AT_60);
    expect(start).toMatchObject({
      words: '0.8 s to its window, 1.0 s to a picture',
      parts: [
        { kind: 'boot', from: 0, to: 0.8 },
        { kind: 'first', from: 0.8, to: 1 },
      ],
    });
    expect(game).toMatchObject({
      words: '10 ms, 95 % within 20 ms',
      parts: [{ kind: 'game', from: 0, to: 0.5 }],
      mark: 1,
    });
    // On the scale of the game's, so that the two can be compared.
    expect(stream).toMatchObject({ parts: [{ kind: 'stream', to: 0.1 }], mark: 0.2 });
  });

  it('do not fill the bar where both are far below what a frame may take', () => {
    const report = tryOutReport({ frameTimeP50Ms: 4, frameTimeP95Ms: 5, encodeP95Ms: 3 });
    const [, game] = figureBars(report, { frameRate: 25 });
    expect(game?.mark).toBeCloseTo(5 / 40);
  });

  it('leave out what was not seen', () => {
    const none = { bootMs: null, firstFrameMs: null, frameTimeP50Ms: null, encodeP50Ms: null };
    expect(figureBars(tryOutReport({ ...none }), AT_60)).toEqual([]);
    const nothing = tryOutReport({
      frameRate: null,
      resolution: null,
      cpus: null,
      memoryBytes: null,
      encoder: 'libx264',
      frames: 0,
      exitCode: 3,
    });
    expect(figureFacts(nothing)).toEqual([['Exit code', '3']]);
  });

  it('say how a window without a picture went', () => {
    const [start] = figureBars(tryOutReport({ bootMs: 12_000, firstFrameMs: null }), AT_60);
    expect(start?.words).toBe('12 s to its window, no picture yet');
  });
});

describe('the pictures of a try-out', () => {
  const picture = (atMs: number, width: number, format: 'avif' | 'webp'): Screenshot => ({
    sha256: newSha256(),
    bytes: 9,
    width,
    height: Math.round((width * 9) / 16),
    format,
    atMs,
  });

  it('are one a moment, in the order of the report, each with its sizes', () => {
    const screenshots = [
      picture(5_000, 1280, 'webp'),
      picture(5_000, 320, 'webp'),
      picture(5_000, 320, 'avif'),
      picture(1_000, 320, 'webp'),
    ];
    const [first, second] = momentsOf({ screenshots });
    expect(first?.atMs).toBe(5_000);
    expect(first?.webp.map(({ width }) => width)).toEqual([320, 1280]);
    expect(first?.avif).toHaveLength(1);
    expect(first?.largest.width).toBe(1280);
    expect(second?.largest.atMs).toBe(1_000);
  });
});
