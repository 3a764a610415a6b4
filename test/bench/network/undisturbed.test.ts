import { expect, it } from 'vitest';
import { measureUndisturbed } from '../../../bench/network/measure/profile-runs.ts';

function measuring(...shares: (number | undefined)[]) {
  let made = 0;
  return async () => {
    const stolenShare = shares[made];
    return { number: ++made, ...(stolenShare !== undefined && { stolenShare }) };
  };
}

it('takes the first measurement that nobody disturbed, or of which nobody knows', async () => {
  expect(await measureUndisturbed(measuring(0.002))).toMatchObject({ attempts: 1 });
  expect(await measureUndisturbed(measuring(undefined))).toMatchObject({ attempts: 1 });
  expect(await measureUndisturbed(measuring(0.3, 0.01))).toMatchObject({
    record: { number: 2 },
    attempts: 2,
  });
});

it('goes on with the least disturbed of three where all were', async () => {
  expect(await measureUndisturbed(measuring(0.3, 0.04, 0.2, 0))).toMatchObject({
    record: { number: 2, stolenShare: 0.04 },
    attempts: 3,
  });
});
