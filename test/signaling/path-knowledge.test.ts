import { describe, expect, it } from 'vitest';
import { freshPaths, pathsOf } from '../../signaling/path-knowledge.ts';
import { candidate, indexOf } from './indexer/sample-pool.ts';

const HOUR_MS = 3_600_000;
const near = candidate(1, { region: 'north' });
const other = candidate(2, { region: 'north' });
const far = candidate(3, { region: 'south' });
const index = indexOf(near, other, far);

const path = ({ containerId }: typeof near, roundTripMs: number, ageMs = 0) => ({
  containerId,
  roundTripMs,
  ageMs,
});

describe('what a browser remembers of its paths', () => {
  it('says how far its containers are, and about how far their regions', () => {
    const { paths, regionPaths } = pathsOf([path(near, 12), path(other, 17), path(far, 40)], index);
    expect([...paths.values()]).toEqual([12, 17, 40]);
    expect(Object.fromEntries(regionPaths)).toEqual({ north: 12, south: 40 });
  });

  it('is no reason to refuse a container for the name of its region', () => {
    const { paths, regionPaths } = pathsOf([path(far, 150)], index);
    expect([...paths.values()]).toEqual([150]);
    expect(regionPaths.get('south')).toBe(60);
  });

  it('is no reason to refuse a container where it is old', () => {
    const { paths } = pathsOf([path(far, 150, 2 * HOUR_MS)], index);
    expect([...paths.values()]).toEqual([60]);
    expect([...freshPaths([path(far, 150, 2 * HOUR_MS), path(near, 9)])]).toEqual([
      near.containerId,
    ]);
  });

  it('says nothing of containers that are gone', () => {
    const { paths, regionPaths } = pathsOf([path(candidate(9), 12)], index);
    expect(paths.size + regionPaths.size).toBe(0);
  });
});
