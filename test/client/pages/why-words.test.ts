import { describe, expect, it } from 'vitest';
import {
  choiceSentence,
  pathSourceWords,
  rejectionList,
  TERM_WORDS,
  waitSentence,
} from '../../../client/pages/why-words.ts';
import { REJECTIONS, SCORE_TERMS } from '../../../protocol/pairing-decision.ts';
import { fakeDecision, fakeRanked } from '../../support/fake-decision.ts';

describe('why this machine', () => {
  it('says so where there was no choice', () => {
    expect(choiceSentence(fakeDecision())).toBe('attic was the only machine in the pool.');
    expect(choiceSentence(fakeDecision({ considered: 3, rejected: { full: 2 } }))).toBe(
      'Chosen out of 3 machines: attic was the only one that could take your game.',
    );
    expect(choiceSentence(fakeDecision({ ranked: [] }))).toBe('Nothing is known of this choice.');
  });

  it('says by how much the chosen one is ahead, and of what most of that is', () => {
    const ranked = [
      fakeRanked('attic', { path: 14, headroom: 6 }),
      fakeRanked('cellar', { path: 10, warmth: 15, price: 7 }),
    ];
    expect(choiceSentence(fakeDecision({ considered: 12, ranked }))).toBe(
      'Chosen out of 12 machines: 2 could take your game, and attic had the lowest score, 12.0 ms ahead of cellar. Most of that is the warm start.',
    );
  });

  it('says that chance decided between equals', () => {
    const ranked = [fakeRanked('attic', { path: 14 }), fakeRanked('cellar', { path: 14 })];
    expect(choiceSentence(fakeDecision({ considered: 2, ranked }))).toMatch(
      /attic and cellar were equally good, so chance decided\.$/,
    );
  });

  it('does not count those that could have taken the game where it was told of the best only', () => {
    const ranked = Array.from({ length: 16 }, (_, i) => fakeRanked(`m${i}`, { path: i }));
    const sentence = choiceSentence(fakeDecision({ considered: 10_000, ranked }));
    expect(sentence).toContain('Chosen out of 10,000 machines: these were the best');
  });

  it('has words of its own for each term and each path', () => {
    const words = SCORE_TERMS.flatMap((term) => Object.values(TERM_WORDS[term]));
    expect(new Set(words).size).toBe(3 * SCORE_TERMS.length);
    const sources = (['measured', 'history', 'unknown'] as const).map((pathSource) =>
      pathSourceWords(fakeRanked('attic', {}, { pathSource })),
    );
    expect(new Set(sources).size).toBe(3);
  });

  it('lists who was turned away in the order of the checks, and leaves out who was not', () => {
    const every = Object.fromEntries(REJECTIONS.map((rejection, i) => [rejection, i + 1]));
    const list = rejectionList(fakeDecision({ rejected: every }));
    expect(list.map(({ count }) => count)).toEqual(REJECTIONS.map((_, i) => i + 1));
    expect(new Set(list.map(({ words }) => words)).size).toBe(REJECTIONS.length);
    expect(rejectionList(fakeDecision({ rejected: { full: 0 } }))).toEqual([]);
  });

  it('says what the wait had to do with it', () => {
    expect(waitSentence(fakeDecision())).toContain(
      'You did not have to wait; a round trip of up to 60 ms was accepted.',
    );
    expect(waitSentence(fakeDecision({ waitedMs: 42_000, latencyLimitMs: 10_000 }))).toContain(
      'You had waited 42 s; any distance was accepted by then.',
    );
  });
});
