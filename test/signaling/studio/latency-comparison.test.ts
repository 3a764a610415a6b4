import { describe, expect, it } from 'vitest';
import type { LatencyCounts } from '../../../protocol/latency-histogram.ts';
import { MIN_COMPARED_SESSIONS } from '../../../protocol/studio-insight.ts';
import {
  compareLatency as compare,
  seededRandom,
} from '../../../signaling/studio/insight/latency-comparison.ts';
import { likelyReport } from '../../support/insight-sessions.ts';

const pause = async () => {};

/** Sessions that differ from one another as players' do, each with inputs that are alike. */
function sessions(random: () => number, count: number, slowerMs = 0): LatencyCounts[] {
  return Array.from({ length: count }, () => {
    const { clickToPhoton } = likelyReport({ random, inputs: 60, slowerMs, awayMs: 6 * random() });
    return clickToPhoton ?? { first: 0, counts: [1] };
  });
}

describe('two builds compared', () => {
  it('are not, from a handful of sessions', async () => {
    const random = seededRandom(1);
    const few = sessions(random, MIN_COMPARED_SESSIONS - 1, 40);
    const enough = sessions(random, 100);
    const none = { verdict: 'too-few', p50: null, p95: null };
    expect(await compare(few, enough, random, pause)).toEqual(none);
    expect(await compare(enough, few, random, pause)).toEqual(none);
    expect(await compare([], [], random, pause)).toEqual(none);
  });

  it('differ by what one of them is slower', async () => {
    const random = seededRandom(2);
    const [newer, older] = [sessions(random, 300, 20), sessions(random, 300)];
    const { verdict, p50, p95 } = await compare(newer, older, random, pause);
    expect(verdict).toBe('slower');
    expect(p50?.differenceMs).toBeGreaterThan(16);
    expect(p50?.differenceMs).toBeLessThan(24);
    expect(p95?.lowMs).toBeGreaterThan(0);
    expect(p95?.lowMs).toBeLessThan(p95?.differenceMs ?? 0);
    expect(p95?.highMs).toBeGreaterThan(p95?.differenceMs ?? 0);
    expect((await compare(older, newer, random, pause)).verdict).toBe('faster');
  });

  it('give the same answer again', async () => {
    const [newer, older] = [sessions(seededRandom(3), 50, 5), sessions(seededRandom(4), 50)];
    const once = await compare(newer, older, seededRandom(5), pause);
    expect(await compare(newer, older, seededRandom(5), pause)).toEqual(once);
  });

  it('that are one and the same are seldom told apart: chance is allowed one in twenty', async () => {
    const trials = 100;
    let apart = 0;
    for (let trial = 0; trial < trials; trial++) {
      const random = seededRandom(1000 + trial);
      const pair = [sessions(random, 60), sessions(random, 60)] as const;
      if ((await compare(...pair, random, pause)).verdict !== 'alike') apart++;
    }
    // Of a hundred such trials one in a thousand has more than thirteen.
    expect(apart).toBeLessThanOrEqual(13);
  });

  it('are told apart where a difference is larger than what sessions differ by', async () => {
    const trials = 30;
    let found = 0;
    for (let trial = 0; trial < trials; trial++) {
      const random = seededRandom(2000 + trial);
      const pair = [sessions(random, 150, 12), sessions(random, 150)] as const;
      if ((await compare(...pair, random, pause)).verdict === 'slower') found++;
    }
    expect(found).toBeGreaterThanOrEqual(0.9 * trials);
  });

  it('are the same for a difference that nobody feels, however sure it is', async () => {
    const one = Array.from({ length: 500 }, () => ({ first: 80, counts: [100] }));
    const other = Array.from({ length: 500 }, () => ({ first: 80, counts: [100, 1] }));
    expect((await compare(other, one, seededRandom(6), pause)).verdict).toBe('alike');
  });
});

describe('numbers that look random', () => {
  it('are the same for the same seed, lie between 0 and 1, and are spread', () => {
    const [one, other] = [seededRandom(7), seededRandom(7)];
    const drawn = Array.from({ length: 1000 }, one);
    expect(drawn).toEqual(Array.from({ length: 1000 }, other));
    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
    const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
    expect(mean).toBeGreaterThan(0.45);
    expect(mean).toBeLessThan(0.55);
  });
});
