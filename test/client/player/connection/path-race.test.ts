import { describe, expect, it } from 'vitest';
import { PathRace } from '../../../../client/player/connection/path-race.ts';
import { sessionIdSchema } from '../../../../protocol/ids.ts';
import { TRIAL_LIMIT_MS } from '../../../../protocol/path-trial.ts';

const NEAR = sessionIdSchema.parse('00000000-0000-4000-8000-000000000001');
const FAR = sessionIdSchema.parse('00000000-0000-4000-8000-000000000002');
const START_MS = 1_000;

function race(handicaps: { near?: number; far?: number } = {}) {
  const { near = 0, far = 0 } = handicaps;
  const subject = new PathRace(
    new Map([
      [NEAR, near],
      [FAR, far],
    ]),
    START_MS,
  );
  /** Answered at the start; open, and measured, at these times. */
  const run = (sessionId: typeof NEAR, openMs: number, roundTripMs: number) => {
    subject.handleAnswered(sessionId, START_MS);
    subject.handleOpen(sessionId, openMs);
    for (const moreMs of [3, 0]) subject.handlePong(sessionId, roundTripMs + moreMs);
  };
  return { subject, run };
}

describe('a race of paths', () => {
  it('waits for the limit while nothing is open, and no longer', () => {
    const { subject } = race();
    expect(subject.nextLookMs(START_MS)).toBe(START_MS + TRIAL_LIMIT_MS);
    expect(subject.nextLookMs(START_MS + TRIAL_LIMIT_MS)).toBeUndefined();
    expect(subject.paths).toEqual([]);
  });

  it('is over at once when nothing could be felt to be nearer', () => {
    const { subject, run } = race();
    run(NEAR, START_MS + 90, 6);
    expect(subject.nextLookMs(START_MS + 110)).toBeUndefined();
    expect(subject.paths).toEqual([{ sessionId: NEAR, roundTripMs: 6 }]);
  });

  it('waits as long as a path that does not open may still be shorter', () => {
    const { subject, run } = race();
    run(FAR, START_MS + 240, 30);
    subject.handleAnswered(NEAR, START_MS);
    // Twice 80 ms of work, and six trips of the 20 ms below which it would be felt.
    expect(subject.nextLookMs(START_MS + 250)).toBe(START_MS + 2 * 80 + 6 * 20);
    expect(subject.nextLookMs(START_MS + 280)).toBeUndefined();
    const busy = race();
    busy.run(FAR, START_MS + 580, 30);
    busy.subject.handleAnswered(NEAR, START_MS);
    expect(busy.subject.nextLookMs(START_MS + 600)).toBe(START_MS + 2 * 400 + 6 * 20);
  });

  it('waits for a worker that has not offered yet, but only where that may be worth it', () => {
    const { subject, run } = race();
    run(FAR, START_MS + 200, 30);
    expect(subject.nextLookMs(START_MS + 300)).toBe(START_MS + TRIAL_LIMIT_MS);
    const other = race({ near: 25 });
    other.run(FAR, START_MS + 200, 30);
    expect(other.subject.nextLookMs(START_MS + 300)).toBeUndefined();
  });

  it('waits for the pings of a path that has opened', () => {
    const { subject, run } = race();
    run(FAR, START_MS + 200, 30);
    subject.handleAnswered(NEAR, START_MS);
    subject.handleOpen(NEAR, START_MS + 205);
    expect(subject.nextLookMs(START_MS + 210)).toBe(START_MS + 205 + 20);
    subject.handlePong(NEAR, 36);
    expect(subject.nextLookMs(START_MS + 241)).toBe(START_MS + 205 + 160 + 72);
    subject.handlePong(NEAR, 9);
    expect(subject.nextLookMs(START_MS + 242)).toBeUndefined();
    expect(subject.paths).toContainEqual({ sessionId: NEAR, roundTripMs: 9 });
  });

  it('pings on where no two pings agree', () => {
    const { subject, run } = race();
    run(FAR, START_MS + 200, 30);
    subject.handleAnswered(NEAR, START_MS);
    subject.handleOpen(NEAR, START_MS + 205);
    for (const roundTripMs of [61, 33, 48]) subject.handlePong(NEAR, roundTripMs);
    expect(subject.nextLookMs(START_MS + 270)).toBeDefined();
    subject.handlePong(NEAR, 35);
    expect(subject.nextLookMs(START_MS + 280)).toBeUndefined();
  });

  it('believes the first answered check of a path that nothing could beat', () => {
    const { subject } = race();
    subject.handleAnswered(NEAR, START_MS);
    subject.handleAnswered(FAR, START_MS);
    subject.handleCheck(NEAR, 7);
    expect(subject.nextLookMs(START_MS + 20)).toBeUndefined();
    expect(subject.paths).toEqual([{ sessionId: NEAR, roundTripMs: 7 }]);
  });

  it('waits for a path whose check says that it is near, however long its handshake takes', () => {
    const { subject, run } = race();
    run(FAR, START_MS + 250, 40);
    subject.handleAnswered(NEAR, START_MS);
    subject.handleCheck(NEAR, 44);
    expect(subject.nextLookMs(START_MS + 900)).toBe(START_MS + TRIAL_LIMIT_MS);
    subject.handleCheck(NEAR, 12);
    expect(subject.nextLookMs(START_MS + 901)).toBeUndefined();
  });

  it('does not wait for pings that could not change the choice', () => {
    const { subject, run } = race();
    run(NEAR, START_MS + 100, 12);
    subject.handleAnswered(FAR, START_MS);
    subject.handleOpen(FAR, START_MS + 101);
    subject.handlePong(FAR, 60);
    expect(subject.nextLookMs(START_MS + 162)).toBeUndefined();
  });

  it('takes the least of the pings, and none from the future', () => {
    const { subject } = race();
    for (const roundTripMs of [31, 12, -3, 18]) subject.handlePong(NEAR, roundTripMs);
    expect(subject.paths).toEqual([{ sessionId: NEAR, roundTripMs: 12 }]);
  });

  it('is over when one is left', () => {
    const { subject } = race();
    subject.handleGone(FAR);
    expect(subject.nextLookMs(START_MS + 1)).toBeUndefined();
  });
});
