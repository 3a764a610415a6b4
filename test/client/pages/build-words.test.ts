import { expect, it } from 'vitest';
import { formatBytes, proposeGameId } from '../../../client/pages/build-words.ts';
import { gameIdSchema } from '../../../protocol/ids.ts';

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

it('proposes a name in addresses that may be one', () => {
  expect(proposeGameId('  Café Noir! ')).toBe('cafe-noir');
  expect(proposeGameId('日本')).toBe('');
  expect(gameIdSchema.safeParse(proposeGameId(`${'a '.repeat(60)}`)).success).toBe(true);
});
