import { expect, it } from 'vitest';
import { StrainLedger } from '../../signaling/strain-ledger.ts';
import { newContainerId } from '../support/fake-container.ts';
import { ManualTimers } from '../support/manual-timers.ts';

it('knows for half an hour which machines a game was too much for', () => {
  const timers = new ManualTimers();
  const ledger = new StrainLedger(timers);
  const [one, other, third] = [newContainerId(), newContainerId(), newContainerId()];
  ledger.note('rally', one);
  ledger.note('rally', one);
  timers.advance(60_000);
  ledger.note('rally', other);
  expect(ledger.of('rally')).toEqual(new Set([one, other]));
  expect(ledger.of('chess')).toEqual(new Set());
  expect(ledger.isTooHeavy('rally')).toBe(false);
  ledger.note('rally', third);
  expect(ledger.isTooHeavy('rally')).toBe(true);
  timers.advance(29 * 60_000);
  expect(ledger.of('rally')).toEqual(new Set([other, third]));
  expect(ledger.isTooHeavy('rally')).toBe(false);
});
