import { expect, it } from 'vitest';
import { formatBytes } from '../../../client/pages/build-words.ts';

it('tells sizes in as few digits as say something', () => {
  expect([0, 999, 1000, 3_400, 34_000, 999_400, 999_600, 50e9, 7e15].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '3.4 kB',
    '34 kB',
    '999 kB',
    '1.0 MB',
    '50 GB',
    '7000 TB',
  ]);
});
