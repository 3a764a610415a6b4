import { expect, it } from 'vitest';
import { sidesInTurn } from '../../../gate/verdict/run-plan.ts';

it('has both sides in every run, each first as often as the other', () => {
  const order = [1, 2, 3, 4].map((run) => sidesInTurn(run).join(' '));
  expect(order).toEqual(['a b', 'b a', 'a b', 'b a']);
});
