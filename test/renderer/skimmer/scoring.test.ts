import { describe, expect, it } from 'vitest';
import { CHAIN_LIFE_S, MAX_MULTIPLIER, Scoring } from '../../../renderer/skimmer/scoring.ts';

describe('scoring', () => {
  it('multiplies what a longer chain earns', () => {
    const scoring = new Scoring();
    const first = scoring.addPearl(false);
    for (let i = 0; i < 7; i++) scoring.addPearl(false);
    expect(scoring.multiplier).toBe(2);
    expect(scoring.addPearl(false)).toBe(2 * first);
  });

  it('caps the multiplier', () => {
    const scoring = new Scoring();
    for (let i = 0; i < 500; i++) scoring.addPearl(false);
    expect(scoring.multiplier).toBe(MAX_MULTIPLIER);
  });

  it('breaks the chain when its time is up, and not before', () => {
    const scoring = new Scoring();
    scoring.addPearl(false);
    scoring.step(CHAIN_LIFE_S - 0.1);
    expect(scoring.chain).toBe(1);
    scoring.step(0.2);
    expect(scoring.chain).toBe(0);
  });

  it('counts distance twice while boosting', () => {
    const [plain, boosted] = [new Scoring(), new Scoring()];
    plain.addDistance(100, false);
    boosted.addDistance(100, true);
    expect(boosted.score).toBe(2 * plain.score);
  });
});
