import { expect, it } from 'vitest';
import { gameIdFromTitle } from '../../protocol/game-id-from-title.ts';
import { gameIdSchema } from '../../protocol/ids.ts';

it('makes ids of titles that any game may have', () => {
  expect(gameIdFromTitle('  Café Noir! ')).toBe('cafe-noir');
  expect(gameIdFromTitle("Größe & Glück: Müller's 2nd!")).toBe('grosse-gluck-mullers-2nd');
  expect(gameIdFromTitle('x'.repeat(100))).toHaveLength(63);
  expect(gameIdSchema.safeParse(gameIdFromTitle('a '.repeat(60))).success).toBe(true);
});

it('makes none of a title without such letters', () => {
  expect(gameIdFromTitle('日本')).toBe('');
});
