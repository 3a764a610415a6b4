import { expect, it } from 'vitest';
import { chosenParts } from '../../bench/support/chosen-parts.ts';

const PARTS = ['speed', 'resume'] as const;

it('has each part that is named once, and refuses one that there is not', () => {
  expect([...chosenParts('resume,speed,resume', PARTS)]).toEqual(['resume', 'speed']);
  expect(() => chosenParts('speed,sped', PARTS)).toThrow(
    'There is no part "sped"; choose of speed, resume.',
  );
});
