import { expect, it } from 'vitest';
import { saturation } from '../../gate/measure/keeps-up.ts';

const LIMITS = { busyShare: 0.97, stolenShare: 0.05, missedShare: 0.25, timerLateMs: 100 };
const UNDISTURBED = { stolenShare: 0 };
const CALM = { framesMs: [0, 20, 40, 60], framesPresented: 4, timersLateMs: [0, 1, 2] };

it('has nothing against a browser that keeps up, nor against a machine that does not tell', () => {
  expect(saturation({ ...UNDISTURBED, busyShare: 0.9, page: CALM }, LIMITS)).toBeUndefined();
  expect(
    saturation({ busyShare: undefined, stolenShare: undefined, page: CALM }, LIMITS),
  ).toBeUndefined();
  const nothing = { framesMs: [], framesPresented: 0, timersLateMs: [] };
  expect(saturation({ ...UNDISTURBED, busyShare: 0, page: nothing }, LIMITS)).toBeUndefined();
});

it('names everything that says that it was the browser', () => {
  const late = { framesMs: [0], framesPresented: 4, timersLateMs: [250] };
  const problem = saturation({ ...UNDISTURBED, busyShare: 0.99, page: late }, LIMITS);
  expect(problem?.code).toBe('browser-saturated');
  expect(problem?.message).toMatch(
    /99 % busy, the page's timers were 250 ms late, 75 % of the pictures went by/,
  );
  expect(problem?.message).toContain('more processors');
});

it('blames busy processors on the browser only where that had to wait for them', () => {
  const game = { ...CALM, timersLateMs: [3, 8, 12] };
  expect(saturation({ ...UNDISTURBED, busyShare: 1, page: game }, LIMITS)).toBeUndefined();
  const waited = { ...CALM, timersLateMs: [20, 30, 40] };
  expect(saturation({ ...UNDISTURBED, busyShare: 0.5, page: waited }, LIMITS)).toBeUndefined();
  expect(saturation({ ...UNDISTURBED, busyShare: 1, page: waited }, LIMITS)?.message).toContain(
    '100 % busy',
  );
});

it('does not take for the game what others on the host took from the machine', () => {
  expect(saturation({ busyShare: 0.6, stolenShare: 0.05, page: CALM }, LIMITS)).toBeUndefined();
  const problem = saturation({ busyShare: 0.6, stolenShare: 0.14, page: CALM }, LIMITS);
  expect(problem?.code).toBe('browser-saturated');
  expect(problem?.message).toContain(
    "other machines of the host took 14 % of the processors' time",
  );
});
