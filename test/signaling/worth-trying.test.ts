import { describe, expect, it } from 'vitest';
import type { RankedContainer } from '../../protocol/pairing-decision.ts';
import { worthTrying } from '../../signaling/worth-trying.ts';
import { fakeDecision, fakeRanked } from '../support/fake-decision.ts';

function names(ranked: readonly RankedContainer[], known: readonly RankedContainer[] = []) {
  const ids = new Set(known.map(({ containerId }) => containerId));
  return worthTrying(fakeDecision({ ranked: [...ranked] }), (id) => ids.has(id)).map(
    ({ name }) => name,
  );
}

describe('containers worth trying', () => {
  const near = fakeRanked('near', { path: 12 });
  const attic = fakeRanked('attic', { path: 50 });
  const cellar = fakeRanked('cellar', { path: 60 });
  const shed = fakeRanked('shed', { path: 70 });
  const barn = fakeRanked('barn', { path: 80 });

  it('are none where there is but one, or none at all', () => {
    expect(names([])).toEqual([]);
    expect(names([attic]).length).toBeLessThan(2);
  });

  it('are the three best where nothing is known of the ways', () => {
    expect(names([attic, cellar, shed, barn])).toEqual(['attic', 'cellar', 'shed']);
  });

  it('are none where every way was measured a moment ago', () => {
    expect(names([attic, cellar], [attic, cellar])).toEqual([]);
  });

  it('are none where nobody would feel what could be gained', () => {
    const beside = fakeRanked('beside', { path: 9 });
    expect(names([beside, cellar], [beside])).toEqual([]);
    expect(names([near, cellar], [near])).toEqual(['near', 'cellar']);
  });

  it('leave out what could not make up for all else', () => {
    const dear = fakeRanked('dear', { path: 30, price: 45 });
    expect(names([attic, cellar, dear], [attic])).toEqual(['attic', 'cellar']);
  });

  it('are of different regions before they are several of one', () => {
    const far = fakeRanked('far', { path: 180 }, { region: 'elsewhere' });
    expect(names([attic, cellar, shed, barn, far])).toEqual(['attic', 'cellar', 'far']);
    expect(names([near, attic, cellar, shed, far], [near])).toEqual(['near', 'attic', 'far']);
  });
});
